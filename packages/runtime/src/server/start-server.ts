import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { isLoopback } from '@cogumi/pure';
import type { Runtime } from '../runtime.ts';
import { type AppOptions, createApp } from './create-app.ts';
import { type ConnectionLimits, createServer } from './create-server.ts';
import { DEFAULT_PORT, GRACE_MS } from './defaults.ts';
import { RuntimeSwitch } from './runtime-switch.ts';

export interface ServerOptions extends Omit<AppOptions, 'loopback'> {
  /** Address to listen on; default 127.0.0.1, which only this machine can reach. */
  readonly host?: string;
  /** Default 8420; 0: any free port. */
  readonly port?: number;
  readonly connections?: Partial<ConnectionLimits>;
}

export interface RunningServer {
  readonly url: string;
  /** Whether it listens on an address that only this machine can reach, whatever name it was given by. */
  readonly loopback: boolean;
  /**
   * New requests go to another runtime. Resolves when the last request of the one before has ended; the caller closes that one.
   */
  replace(runtime: Runtime): Promise<void>;
  /** Refuses new requests, gives running answers `graceMs` to end (default `GRACE_MS`), then closes all connections. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves a runtime over HTTP. An address that other machines can reach needs a key.
 *
 * @throws CogumiError PORT_IN_USE, PORT_REFUSED, KEY_REQUIRED.
 */
export async function startServer(runtime: Runtime, options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = DEFAULT_PORT, connections, ...app } = options;
  // A name may mean any address, so who can reach the server is known once it is bound: until then it answers nobody.
  let fetch: ReturnType<typeof createApp>['fetch'] = () => new Response(null, { status: 503 });
  const server = createServer((...request) => fetch(...request), connections);
  await listen(server, host, port);
  const { port: chosen, address } = server.address() as AddressInfo;
  const loopback = isLoopback(address);
  if (!loopback && app.apiKey === undefined && app.keys === undefined) {
    server.close();
    throw new CogumiError(
      'KEY_REQUIRED',
      `Other machines can reach ${address}, so clients need a key there, and none is set.`,
      'Set one with `--key-file` or `--keys`, or listen on this machine only with `--host 127.0.0.1`.',
      { exitCode: EXIT.usage },
    );
  }
  const runtimes = new RuntimeSwitch(runtime);
  fetch = createApp(runtimes, { ...app, loopback }).fetch;
  // A server on this machine only refuses a Host that DNS could point elsewhere.
  const shown = loopback && host.toLowerCase() !== 'localhost' ? address.replace(/^::ffff:/i, '') : host;
  const shownHost = shown.includes(':') ? `[${shown}]` : shown;
  return {
    url: `http://${shownHost}:${chosen}`,
    loopback,
    replace: (next) => runtimes.replace(next),
    close: (graceMs = GRACE_MS) =>
      new Promise((resolve) => {
        // A busy connection becomes idle when its answer ends, and would then be kept open for the next request.
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.listen(port, host, resolve);
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new CogumiError(
          taken ? 'PORT_IN_USE' : 'PORT_REFUSED',
          taken
            ? `Port ${port} on ${host} is in use by another program.`
            : `The server cannot listen on ${host}:${port}: ${cause.message}.`,
          `Choose another port with \`--port ${port === 0 ? DEFAULT_PORT : port + 1}\`, or any free port with \`--port 0\`.`,
          { cause },
        ),
      );
    });
  });
}
