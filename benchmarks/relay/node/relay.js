// The obvious relay: what the encoder posts goes to every WebSocket, chunk by chunk.
//
//   node relay.js PORT
import { createServer } from 'node:http';
import { WebSocketServer, WebSocket } from 'ws';

const port = Number(process.argv[2]);
const maxBuffered = 4_000_000;

const server = createServer((request, response) => {
  if (request.method !== 'POST' && request.method !== 'PUT') {
    if (request.url === '/gc' && global.gc) {
      global.gc();
    }
    response.end('ok\n');
    return;
  }
  request.on('data', (chunk) => {
    for (const viewer of viewers.clients) {
      if (viewer.readyState !== WebSocket.OPEN) {
        continue;
      }
      if (viewer.bufferedAmount > maxBuffered) {
        viewer.terminate();
      } else {
        viewer.send(chunk, { binary: true });
      }
    }
  });
  request.on('end', () => response.end());
});

// No request timeout: an encoder's request has no end.
server.requestTimeout = 0;
server.on('connection', (socket) => socket.setNoDelay(true));

const viewers = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(port, '127.0.0.1', () => console.log('ready'));
