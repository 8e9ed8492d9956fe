import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CogumiError } from '@cogumi/contracts';
import { isLoopback } from '@cogumi/pure';
import { serve } from '@hono/node-server';
import type { Runtime } from '../runtime.ts';
import { type AppOptions, createApp } from './create-app.ts';

export interface ServerOptions extends Omit<AppOptions, 'loopback'> {
  /** Default 127.0.0.1: nobody but this machine. */
  readonly host?: string;
  /** Default 8420; 0: any free one. */
  readonly port?: number;
}

export interface RunningServer {
  readonly url: string;
  /** Takes no more requests, lets running answers end for `graceMs`, then ends them too. */
  close(graceMs?: number): Promise<void>;
}

export const DEFAULT_PORT = 8420;

/** @throws CogumiError PORT_IN_USE, PORT_REFUSED. */
export async function startServer(runtime: Runtime, options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = DEFAULT_PORT, ...app } = options;
  const server = await listen(createApp(runtime, { ...app, loopback: isLoopback(host) }).fetch, host, port);
  const { port: chosen } = server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${chosen}`,
    close: (graceMs = 10_000) =>
      new Promise((resolve) => {
        // A connection that was busy becomes idle when its answer ends, and would be kept open for the next request.
        const idle = setInterval(() => server.closeIdleConnections(), 50);
        const forced = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(forced);
          resolve();
        });
      }),
  };
}

function listen(fetch: ReturnType<typeof createApp>['fetch'], host: string, port: number) {
  return new Promise<Server>((resolve, reject) => {
    // Without options of its own, `serve` makes a plain HTTP/1.1 server.
    const server = serve({ fetch, hostname: host, port }, () => resolve(server)) as Server;
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new CogumiError(
          taken ? 'PORT_IN_USE' : 'PORT_REFUSED',
          taken
            ? `Port ${port} on ${host} is taken by another program.`
            : `${host}:${port} cannot be listened on: ${cause.message}.`,
          `Choose another one with \`--port ${port === 0 ? DEFAULT_PORT : port + 1}\`, or any free one with \`--port 0\`.`,
          { cause },
        ),
      );
    });
  });
}
