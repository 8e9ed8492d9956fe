import { EXIT } from '@cogumi/contracts';
import { DEFAULT_PORT, openRuntime, type RunningServer, type Runtime, startServer } from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { wholeNumber } from '../parse-call.ts';
import { RUNTIME_OPTIONS, runtimeOptions } from '../runtime-options.ts';
import { dim, paint } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[bundle] [options]',
  details:
    'Routes: POST /v1/chat/completions, GET /v1/models, GET /health, and a page to try it at /.\n' +
    'Without a name: the newest bundle in .cogumi/bundles. Ctrl-C lets running answers end first.',
  positionals: { least: 0, most: 1 },
  options: {
    host: { type: 'string', value: '<address>', describe: 'where to listen; default 127.0.0.1, this machine alone' },
    port: { type: 'string', value: '<port>', describe: `default ${DEFAULT_PORT}; 0 takes any free one` },
    ...RUNTIME_OPTIONS,
  },
  async run({ positionals, options, json, signal }) {
    const { host = '127.0.0.1', port } = options;
    const server = { host, ...(port === undefined ? {} : { port: wholeNumber('port', port, 0, 65_535) }) };
    const runtime = await openRuntime(await findBundle(positionals[0]), runtimeOptions(options));
    try {
      signal.throwIfAborted();
      const running = await startServer(runtime, {
        ...server,
        onFailure: ({ requestId, error }) => console.error(`request ${requestId} failed:`, debug(error)),
      });
      console.log(json ? JSON.stringify(started(runtime, running)) : welcome(runtime, running, host));
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await running.close();
    } finally {
      await runtime.close();
    }
    return EXIT.done;
  },
});

function started({ bundle, models, contextTokens }: Runtime, { url }: RunningServer) {
  return { url, digest: bundle.digest, bundle: bundle.path, models: models.map(({ id }) => id), contextTokens };
}

function welcome({ bundle, models }: Runtime, { url }: RunningServer, host: string): string {
  const { name } = bundle.config;
  const body = JSON.stringify({ model: name, messages: [{ role: 'user', content: 'Hello' }] });
  const open = host !== '127.0.0.1' && host !== 'localhost' && host !== '::1';
  return [
    `${paint('bold', name)} is served at ${paint('green', url)}`,
    `  digest  ${bundle.digest}`,
    `  models  ${models.map(({ id }) => id).join(', ')}`,
    `  try     curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`,
    ...(open
      ? [paint('yellow', `  open    ${host} can be reached from other machines, and nothing asks for a key`)]
      : []),
    dim('  Ctrl-C ends it'),
  ].join('\n');
}

function debug(error: unknown): unknown {
  if (process.env.COGUMI_DEBUG === '1') return error;
  return error instanceof Error ? error.message : error;
}
