import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long, and for how many bytes, a client may write on after its answer. */
export interface LingerLimits {
  readonly lingerMs: number;
  readonly lingerBytes: number;
}

/**
 * Lets a client read an answer that came before the end of its body, such as 413. Node would close the connection at once; the system resets
 * one that is closed with bytes unread, the client's next write fails, and the answer that it has already got may be lost with it (RFC 9112,
 * 9.6). So only our side is ended, and what still comes is read and thrown away, until the client has ended or the limits are reached.
 */
export function lingerBeforeClose(server: Server, { lingerMs, lingerBytes }: LingerLimits): void {
  /** The last request of each connection. */
  const last = new WeakMap<Socket, IncomingMessage>();
  server.prependListener('request', (request) => void last.set(request.socket, request));
  server.on('connection', (socket: Socket) => {
    // Node calls it when an answer has been written after which the connection is not used again.
    const close = socket.destroySoon.bind(socket);
    let lingers = false;
    socket.destroySoon = () => {
      if (lingers) return;
      const request = last.get(socket);
      if (request === undefined || request.complete || socket.destroyed) return close();
      lingers = true;
      socket.end();
      const late = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => clearTimeout(late));
      // A handler that has read the body so far would keep what comes.
      request.removeAllListeners('data');
      let left = lingerBytes;
      request.on('data', (bytes: Buffer) => {
        left -= bytes.length;
        if (left < 0) socket.destroy();
      });
      request.once('end', close);
      request.resume();
    };
  });
}
