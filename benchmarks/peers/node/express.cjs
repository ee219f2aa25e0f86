// The policy of the workload `policy` as Express users put it together, with the reason for each option.
// The rig runs `node express.cjs PORT BACKEND PEM ISSUER AUDIENCE LOG` with NODE_PATH: one process, one core.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const crypto = require('node:crypto');
const express = require('express');
const morgan = require('morgan');
const metrics = require('prom-client');
const { expressjwt } = require('express-jwt');
const { rateLimit } = require('express-rate-limit');
const { createProxyMiddleware } = require('http-proxy-middleware');

const [port, backend, pem, issuer, audience, log] = process.argv.slice(2);
const app = express();
app.disable('x-powered-by');
app.disable('etag');

const duration = new metrics.Histogram({
  name: 'http_request_duration_seconds', help: 'Seconds of a request.', labelNames: ['method', 'route', 'status'],
});
app.use((request, answer, next) => {
  request.id = request.headers['x-request-id'] ||= crypto.randomUUID();
  const random = crypto.randomBytes(24).toString('hex');
  request.headers.traceparent ||= `00-${random.slice(0, 32)}-${random.slice(32)}-00`;
  const end = duration.startTimer();
  answer.on('finish', () => end({ method: request.method, route: 'users', status: answer.statusCode }));
  next();
});

// One line of JSON for each request, to a stream that gathers them.
const line = (tokens, request, answer) => JSON.stringify({
  time: tokens.date(request, answer, 'iso'), id: request.id, client: tokens['remote-addr'](request, answer),
  method: request.method, host: request.headers.host, path: request.originalUrl, status: answer.statusCode,
  duration: tokens['response-time'](request, answer), consumer: request.auth && request.auth.sub, route: 'users',
  user_agent: request.headers['user-agent'],
});
app.use(morgan(line, { stream: fs.createWriteStream(log) }));

const matches = (request, answer, next) => {
  const good = request.headers.host === 'api.example.com' && request.headers['x-tenant'] === 'acme';
  return good ? next() : next('route');
};
const forUser = (request, answer, next) => {
  request.headers['x-user-id'] = request.auth.sub;
  next();
};
app.all(
  '/v1/users/:id',
  matches,
  expressjwt({ secret: fs.readFileSync(pem), algorithms: ['RS256'], issuer, audience }),
  rateLimit({
    windowMs: 1000, limit: 1000000, standardHeaders: 'draft-8', legacyHeaders: false,
    keyGenerator: (request) => request.auth.sub,
  }),
  forUser,
  createProxyMiddleware({
    target: `http://127.0.0.1:${backend}`,
    // Without an agent it opens a connection for every request.
    agent: new http.Agent({ keepAlive: true, maxFreeSockets: 1024, scheduling: 'lifo' }),
  }),
);
app.use((error, request, answer, next) => answer.status(error.status || 500).end());

const server = app.listen(Number(port), '127.0.0.1', 4096);
server.keepAliveTimeout = 600000; // the default of 5 s would close the idle connections
