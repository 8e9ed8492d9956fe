import { EXIT } from '@cogumi/contracts';
import { DEFAULT_PORT, MAX_REQUESTS, startServer } from '@cogumi/runtime';
import { wholeNumber } from '../parse-call.ts';
import { RUNTIME_OPTIONS, runtimeOptions } from '../runtime-options.ts';
import { describeServer, serverFacts } from '../serve/describe-server.ts';
import { namedAdapters, openServed } from '../serve/open-served.ts';
import { readKey } from '../serve/read-key.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[bundle or model.gguf] [options]',
  details:
    'Endpoints: POST /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings, /v1/messages (and /count_tokens),\n' +
    '/tokenize, /detokenize; GET /v1/models, /health, /openapi.json, and a page to try the bundle at /.\n' +
    'A model in GGUF is served without a bundle: the base answers, or the adapter that a request names.\n' +
    'Without a name it serves the newest bundle in .cogumi/bundles. Ctrl-C lets running answers end first.\n' +
    'If --key-file or COGUMI_API_KEY sets a key, clients have to send it as a bearer token.',
  positionals: { min: 0, max: 1 },
  options: {
    host: {
      type: 'string',
      value: '<address>',
      describe: 'address to listen on; default 127.0.0.1, reachable from this machine only',
    },
    port: { type: 'string', value: '<port>', describe: `default ${DEFAULT_PORT}; 0: any free port` },
    'key-file': { type: 'string', value: '<path>', describe: 'file with the API key; default: COGUMI_API_KEY' },
    'max-requests': {
      type: 'string',
      value: '<number>',
      describe: `most requests that are answered or waiting; more get 429; default ${MAX_REQUESTS}`,
    },
    adapter: {
      type: 'string',
      multiple: true,
      value: '<name>=<path>',
      describe: 'LoRA adapter in GGUF for a model in GGUF; repeat it for more',
    },
    ...RUNTIME_OPTIONS,
  },
  async run({ positionals, options, json, signal }) {
    const { host = '127.0.0.1', port } = options;
    const maxRequests = options['max-requests'];
    const apiKey = await readKey(options['key-file'], process.env.COGUMI_API_KEY);
    const server = {
      host,
      ...(port === undefined ? {} : { port: wholeNumber('port', port, 0, 65_535) }),
      ...(maxRequests === undefined ? {} : { maxRequests: wholeNumber('max-requests', maxRequests, 1, 100_000) }),
      ...(apiKey === null ? {} : { apiKey }),
    };
    const adapters = namedAdapters(options.adapter ?? []);
    const runtime = await openServed(positionals[0], adapters, { ...runtimeOptions(options), signal });
    try {
      signal.throwIfAborted();
      const running = await startServer(runtime, {
        ...server,
        onFailure: ({ requestId, error }) => console.error(`request ${requestId} failed:`, debug(error)),
        onHangUp: ({ requestId }) =>
          console.error(`info: request ${requestId}: the client closed the connection (499)`),
      });
      console.log(
        json ? JSON.stringify(serverFacts(runtime, running)) : describeServer(runtime, running, apiKey !== null),
      );
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await running.close();
    } finally {
      await runtime.close();
    }
    return EXIT.done;
  },
});

function debug(error: unknown): unknown {
  if (process.env.COGUMI_DEBUG === '1') return error;
  return error instanceof Error ? error.message : error;
}
