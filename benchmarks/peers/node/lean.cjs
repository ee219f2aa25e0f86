// The policy of the workload `policy` with the least that Node needs for it, with the reason for each option.
// The rig runs `node lean.cjs PORT BACKEND PEM ISSUER AUDIENCE LOG` with NODE_PATH: one process, one core.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const crypto = require('node:crypto');
const httpProxy = require('http-proxy');
const jwt = require('jsonwebtoken');
const pino = require('pino');

const [port, backend, pem, issuer, audience, log] = process.argv.slice(2);
const key = fs.readFileSync(pem);
// Lines are gathered and written by the event loop, not one write each.
const record = pino({ base: null }, pino.destination({ dest: log, sync: false, minLength: 8192 }));

const proxy = httpProxy.createProxyServer({
  target: { host: '127.0.0.1', port: Number(backend) },
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 1024, scheduling: 'lifo' }),
});
proxy.on('error', (error, request, answer) => {
  if (answer && answer.writeHead && !answer.headersSent) answer.writeHead(502);
  if (answer && answer.end) answer.end();
});

const known = new Map(); // verified tokens: verifying each would be nine tenths of the time
function claimsOf(value) {
  if (!value || !value.startsWith('Bearer ')) return null;
  const token = value.slice(7);
  const now = Date.now() / 1000;
  const kept = known.get(token);
  if (kept && kept.exp > now) return kept;
  try {
    const claims = jwt.verify(token, key, { algorithms: ['RS256'], issuer, audience });
    if (known.size >= 1000) known.clear();
    known.set(token, claims);
    return claims;
  } catch (error) {
    return null;
  }
}

const LIMIT = 1000000; // a second
const buckets = new Map();
function taken(consumer) {
  const now = Date.now();
  let bucket = buckets.get(consumer);
  if (!bucket) buckets.set(consumer, (bucket = { tokens: LIMIT, at: now }));
  bucket.tokens = Math.min(LIMIT, bucket.tokens + ((now - bucket.at) * LIMIT) / 1000);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

const counts = new Map(); // metrics: requests by status, and the sum of their seconds
let seconds = 0;
function refuse(answer, status, fields) {
  answer.writeHead(status, fields);
  answer.end();
}

const server = http.createServer((request, answer) => {
  const started = process.hrtime.bigint();
  const id = request.headers['x-request-id'] || crypto.randomUUID();
  request.headers['x-request-id'] = id;
  if (!request.headers.traceparent) {
    const random = crypto.randomBytes(24).toString('hex');
    request.headers.traceparent = `00-${random.slice(0, 32)}-${random.slice(32)}-00`;
  }
  let consumer = '';
  answer.on('finish', () => {
    const duration = Number(process.hrtime.bigint() - started) / 1e9;
    counts.set(answer.statusCode, (counts.get(answer.statusCode) || 0) + 1);
    seconds += duration;
    record.info({
      id, client: request.socket.remoteAddress, method: request.method, host: request.headers.host, path: request.url,
      status: answer.statusCode, duration, consumer, route: 'users', user_agent: request.headers['user-agent'],
    });
  });
  const parts = request.url.split('?', 1)[0].split('/');
  const matches = request.headers.host === 'api.example.com' && request.headers['x-tenant'] === 'acme'
    && parts.length === 4 && parts[1] === 'v1' && parts[2] === 'users';
  if (!matches) return refuse(answer, 404);
  const claims = claimsOf(request.headers.authorization);
  if (!claims) return refuse(answer, 401, { 'WWW-Authenticate': 'Bearer' });
  consumer = claims.sub;
  request.headers['x-user-id'] = consumer;
  if (!taken(consumer)) return refuse(answer, 429, { 'Retry-After': '1' });
  proxy.web(request, answer);
});
server.keepAliveTimeout = 600000; // the default of 5 s would close the idle connections
server.listen(Number(port), '127.0.0.1', 4096);
