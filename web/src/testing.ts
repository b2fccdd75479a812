/** What tests of several files share. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

declare global {
  /** The page that vitest's environment runs in. */
  var jsdom: { reconfigure(settings: { url: string }): void };
}

export interface SocketServer {
  io: Server;
  close(): Promise<void>;
}

/** A real Socket.IO server at a path of the page's own origin. With a port, it takes the place of a former one. */
export async function startSocketServer(path: string, port = 0): Promise<SocketServer & { port: number }> {
  const http = createServer();
  const io = new Server(http, { path });
  await new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening));
  const address = http.address() as AddressInfo;
  jsdom.reconfigure({ url: `http://127.0.0.1:${address.port}/` });
  return { io, port: address.port, close: () => new Promise((closed) => void io.close(() => closed())) };
}
