// Node's http module, for comparison: the two routes of the side-by-side runs.
'use strict';

const http = require('http');

const port = Number(process.argv[2]);

function send(response, type, content) {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(content),
  });
  response.end(content);
}

const server = http.createServer((request, response) => {
  if (request.url === '/plaintext') {
    send(response, 'text/plain', 'Hello, World!');
  } else if (request.url === '/json') {
    send(response, 'application/json', JSON.stringify({ message: 'Hello, World!' }));
  } else {
    response.writeHead(404).end();
  }
});

server.keepAliveTimeout = 0;
server.listen(port, '127.0.0.1');
