// A lenient backend: tells of each request that Node.js reads, as one line of JSON on standard output.
"use strict";
const http = require("http");

function tell(request, parts, complete, problem) {
  const head = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) head.push(request.rawHeaders[i] + ": " + request.rawHeaders[i + 1]);
  const line = {
    method: request.method, target: request.url, head: head.join("\r\n"),
    body: Buffer.concat(parts).toString("hex"), complete, problem,
  };
  process.stdout.write(JSON.stringify(line) + "\n");
}

function serve(request, response) {
  const parts = [];
  let told = false;
  const once = (complete) => { if (!told) { told = true; tell(request, parts, complete, ""); } };
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    once(true);
    response.setHeader("x-saw", request.url);
    response.end("seen.");
  });
  request.on("error", () => once(false));
  request.on("close", () => once(request.complete));
}

const server = http.createServer({ insecureHTTPParser: true, maxHeaderSize: 65536, keepAlive: false }, serve);
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.headersTimeout = 0;
server.timeout = 0;
for (const event of ["upgrade", "connect"]) {
  server.on(event, (request, socket) => {
    socket.on("error", () => {}); // of such a socket nobody else takes care
    tell(request, [], true, "");
    socket.end("HTTP/1.1 400 Bad Request\r\nx-saw: " + request.url + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  });
}
server.on("checkExpectation", serve);
server.on("checkContinue", serve);
server.on("clientError", (error, socket) => {
  // The end of a connection in the middle of a request is no mistake of its bytes.
  // What comes after a mistake is the rest of it.
  if (socket.refused) return;
  socket.refused = true;
  if (error.code !== "ECONNRESET" && error.code !== "HPE_INVALID_EOF_STATE" && error.code !== "EPIPE") {
    const raw = error.rawPacket ? error.rawPacket.toString("latin1") : "";
    tell({ method: "", url: "", rawHeaders: [] }, [], false, error.code + " " + raw);
  }
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => process.stdout.write(server.address().port + "\n"));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
