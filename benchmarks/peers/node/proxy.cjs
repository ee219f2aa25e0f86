// http-proxy as a reverse proxy, with the reason for each option that is not its default.
// The rig runs `node proxy.cjs PORT BACKEND` with NODE_PATH and NODE_ENV=production: one process, one core.
'use strict';

const http = require('node:http');
const httpProxy = require('http-proxy');

const [port, backend] = process.argv.slice(2).map(Number);

const proxy = httpProxy.createProxyServer({
  target: { host: '127.0.0.1', port: backend },
  // Without an agent http-proxy opens a connection for every request. LIFO, so that the warmest one is used.
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 1024, scheduling: 'lifo' }),
  ws: true,
});

proxy.on('error', (error, request, answer) => {
  if (answer && answer.writeHead && !answer.headersSent) answer.writeHead(502);
  if (answer && answer.end) answer.end();
  else if (answer && answer.destroy) answer.destroy();
});

const server = http.createServer((request, answer) => proxy.web(request, answer));
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
server.keepAliveTimeout = 600000; // the default of 5 s would close the idle connections
server.headersTimeout = 600000;
server.requestTimeout = 0; // a GiB may take longer than the default of 5 minutes
server.listen(port, '127.0.0.1', 4096);
