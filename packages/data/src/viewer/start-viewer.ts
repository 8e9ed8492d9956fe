import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { ANSWERS, type Subject } from './answer-query.ts';
import { checkAccess, SECURITY_HEADERS } from './check-viewer-access.ts';
import { indexSets } from './index-sets.ts';
import { openSets, type SetPlace } from './open-sets.ts';
import { readPageFiles } from './page-files.ts';
import type { Preview } from './preview.ts';

const ADDRESS = '127.0.0.1';

/** Time limit of one scan: a reader waits this long without wondering (chosen). */
const SCAN_MILLISECONDS = 1500;

export interface ViewerOptions {
  /** Outputs of the stages, in the order they ran. */
  readonly sets: readonly SetPlace[];
  /** 0: any free port. */
  readonly port: number;
  /** Shows rows as tokens; without it the page says how to enable it. */
  readonly preview?: Preview | undefined;
  readonly scanMilliseconds?: number | undefined;
}

export interface Viewer {
  readonly url: string;
  /** Resolves when every file has been read to its end, or has failed. */
  readonly indexed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves the data viewer, to this machine only. Files are read while it runs; nothing is written.
 *
 * @throws CogumiError LOOK_NOT_FOUND, LOOK_NO_ROWS; LOOK_PORT if the port is not available.
 */
export async function startViewer({ sets: places, port, preview, scanMilliseconds }: ViewerOptions): Promise<Viewer> {
  const sets = await openSets(places);
  const page = await readPageFiles();
  const subject = { sets, preview: preview ?? null, scanMilliseconds: scanMilliseconds ?? SCAN_MILLISECONDS };
  const closing = new AbortController();

  const server = createServer(async (request, response) => {
    try {
      checkAccess(request, (server.address() as AddressInfo).port);
      const { pathname, searchParams } = new URL(`http://look${request.url}`);
      const file = page.get(pathname);
      if (file) return send(response, 200, file.type, file.body);
      await answer(subject, pathname, searchParams, response, closing.signal);
    } catch (cause) {
      refuse(response, cause);
    }
  });
  await listen(server, port);
  const indexed = indexSets(sets, closing.signal);
  return {
    url: `http://${ADDRESS}:${(server.address() as AddressInfo).port}/`,
    indexed,
    close: async () => {
      closing.abort(new Error('The page was closed.'));
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, indexed]);
    },
  };
}

async function answer(
  subject: Subject,
  path: string,
  query: URLSearchParams,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const find = ANSWERS.get(path);
  if (!find) throw new CogumiError('LOOK_NOT_FOUND', `There is no ${path.slice(0, 80)}.`, 'Open the page at /.');
  // When a reader keeps typing, the page cancels a scan for the next one.
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The reader has gone.')));
  const value = await find(subject, query, AbortSignal.any([gone.signal, closing]));
  // JSON.stringify writes a lone surrogate as an escape, so every row has a UTF-8 form.
  send(response, 200, 'application/json', Buffer.from(JSON.stringify(value)));
}

function refuse(response: ServerResponse, cause: unknown): void {
  if (response.destroyed) return;
  const error = cause instanceof CogumiError ? cause : unforeseen(cause);
  const { code, message, hint } = error;
  send(
    response,
    STATUS[code] ?? 500,
    'application/json',
    Buffer.from(JSON.stringify({ error: { code, message, hint } })),
  );
}

const STATUS: Readonly<Record<string, number>> = {
  LOOK_FOREIGN: 403,
  LOOK_NOT_FOUND: 404,
  LOOK_METHOD: 405,
  LOOK_NO_MODEL: 409,
};

function unforeseen(cause: unknown): CogumiError {
  return new CogumiError(
    'LOOK_FAILED',
    (cause as Error).message,
    'Check that the files still exist, then reload the page.',
    {
      cause,
    },
  );
}

function send(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': type, 'content-length': body.length });
  response.end(body);
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const message = `Port ${port} of ${ADDRESS} is not available: ${cause.code ?? cause.message}.`;
    reject(
      new CogumiError('LOOK_PORT', message, 'Choose another one with `--port N`, or 0 for any free port.', {
        cause,
        exitCode: EXIT.usage,
      }),
    );
  });
  server.listen(port, ADDRESS, resolve);
  await promise;
}
