import { readFile } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { isLoopback } from '@cogumi/pure';
import {
  DEFAULT_PORT,
  MOST_REQUESTS,
  openRuntime,
  type RunningServer,
  type Runtime,
  startServer,
} from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { wholeNumber } from '../parse-call.ts';
import { RUNTIME_OPTIONS, runtimeOptions } from '../runtime-options.ts';
import { dim, paint } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[bundle] [options]',
  details:
    'Endpoints: POST /v1/chat/completions, GET /v1/models, GET /health, and a page to try the bundle at /.\n' +
    'Without a name it serves the newest bundle in .cogumi/bundles. Ctrl-C lets running answers end first.\n' +
    'If --key-file or COGUMI_API_KEY sets a key, clients have to send it as a bearer token.',
  positionals: { least: 0, most: 1 },
  options: {
    host: {
      type: 'string',
      value: '<address>',
      describe: 'address to listen on; default 127.0.0.1, reachable from this machine only',
    },
    port: { type: 'string', value: '<port>', describe: `default ${DEFAULT_PORT}; 0: any free port` },
    'key-file': { type: 'string', value: '<path>', describe: 'file with the API key; default: COGUMI_API_KEY' },
    'most-requests': {
      type: 'string',
      value: '<number>',
      describe: `most requests that are answered or waiting; more get 429; default ${MOST_REQUESTS}`,
    },
    ...RUNTIME_OPTIONS,
  },
  async run({ positionals, options, json, signal }) {
    const { host = '127.0.0.1', port } = options;
    const most = options['most-requests'];
    const apiKey = await readKey(options['key-file'], process.env.COGUMI_API_KEY);
    const server = {
      host,
      ...(port === undefined ? {} : { port: wholeNumber('port', port, 0, 65_535) }),
      ...(most === undefined ? {} : { mostRequests: wholeNumber('most-requests', most, 1, 100_000) }),
      ...(apiKey === null ? {} : { apiKey }),
    };
    const runtime = await openRuntime(await findBundle(positionals[0]), runtimeOptions(options));
    try {
      signal.throwIfAborted();
      const running = await startServer(runtime, {
        ...server,
        onFailure: ({ requestId, error }) => console.error(`request ${requestId} failed:`, debug(error)),
      });
      console.log(json ? JSON.stringify(started(runtime, running)) : welcome(runtime, running, host, apiKey !== null));
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await running.close();
    } finally {
      await runtime.close();
    }
    return EXIT.done;
  },
});

/** Reads the API key that clients have to send; null: none is set. @throws CogumiError KEY_UNREADABLE, KEY_UNUSABLE. */
async function readKey(path: string | undefined, environment: string | undefined): Promise<string | null> {
  let text = environment ?? '';
  if (path !== undefined) {
    text = await readFile(path, 'utf8').catch((cause: Error) => {
      throw new CogumiError('KEY_UNREADABLE', `The key file cannot be read: ${cause.message}.`, 'Check --key-file.', {
        exitCode: EXIT.usage,
        cause,
      });
    });
  } else if (text === '') return null;
  const key = text.trim();
  // A header can contain only these characters. An empty file is refused, because it would leave the server without a key.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CogumiError(
    'KEY_UNUSABLE',
    `${path === undefined ? 'COGUMI_API_KEY' : path} has no usable key: ${key.length} characters.`,
    'Use one line of ASCII without spaces, for example from `openssl rand -hex 32`.',
    { exitCode: EXIT.usage },
  );
}

function started({ bundle, models, contextTokens }: Runtime, { url }: RunningServer) {
  return { url, digest: bundle.digest, bundle: bundle.path, models: models.map(({ id }) => id), contextTokens };
}

function welcome({ bundle, models }: Runtime, { url }: RunningServer, host: string, locked: boolean): string {
  const { name } = bundle.config;
  const body = JSON.stringify({ model: name, messages: [{ role: 'user', content: 'Hello' }] });
  const key = locked ? ' -H "authorization: Bearer $COGUMI_API_KEY"' : '';
  return [
    `${paint('bold', name)} is served at ${paint('green', url)}`,
    `  digest  ${bundle.digest}`,
    `  models  ${models.map(({ id }) => id).join(', ')}`,
    `  try     curl ${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '${body}'`,
    ...(isLoopback(host) || locked
      ? []
      : [paint('yellow', `  warning ${host} can be reached from other machines, and no key is required (--key-file)`)]),
    dim('  Ctrl-C stops it'),
  ].join('\n');
}

function debug(error: unknown): unknown {
  if (process.env.COGUMI_DEBUG === '1') return error;
  return error instanceof Error ? error.message : error;
}
