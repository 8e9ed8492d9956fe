import { EXIT } from '@cogumi/contracts';
import { isHttpAddress } from '@cogumi/pure';
import {
  DEFAULT_PORT,
  GRACE_MS,
  type KeyFile,
  MAX_REQUESTS,
  openKeyFile,
  startTracing,
  type Upstream,
} from '@cogumi/runtime';
import { oneOf, UsageError, wholeNumber } from '../parse-call.ts';
import { RUNTIME_OPTIONS, runtimeOptions } from '../runtime-options.ts';
import { describeMeasured, describeServer, serverFacts } from '../serve/describe-server.ts';
import { namedAdapters, openServed } from '../serve/open-served.ts';
import { readKey } from '../serve/read-key.ts';
import { reloads } from '../serve/reload-served.ts';
import { LOG_FORMS, type ServeLog, serveLog } from '../serve/serve-log.ts';
import { defineVerb } from '../verb.ts';

/** Longest grace in seconds (chosen): the longest answer of a slow machine. */
const LONGEST_GRACE_S = 3600;

export const verb = defineVerb({
  usage: '[bundle or model.gguf] [options]',
  details:
    'Endpoints: POST /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings, /v1/messages (and /count_tokens),\n' +
    '/tokenize, /detokenize; GET /v1/models, /health, /metrics, /openapi.json, and a page to try the bundle at /.\n' +
    'A model in GGUF is served without a bundle: the base answers, or the adapter that a request names.\n' +
    'Adapters are loaded when a request needs them, and unloaded where memory is short (--adapter-memory).\n' +
    'Without a name it serves the newest bundle in .cogumi/bundles. Ctrl-C lets running answers end first.\n' +
    'SIGHUP opens the bundle and the keys again without a pause; a server in a terminal ends instead.\n' +
    'OTEL_EXPORTER_OTLP_ENDPOINT sends spans of requests to a collector of OpenTelemetry.\n' +
    'Clients send a key as a bearer token: one of --keys, or that of --key-file or COGUMI_API_KEY.',
  positionals: { min: 0, max: 1 },
  options: {
    host: {
      type: 'string',
      value: '<address>',
      describe: 'address to listen on; default 127.0.0.1, reachable from this machine only; others need a key',
    },
    port: { type: 'string', value: '<port>', describe: `default ${DEFAULT_PORT}; 0: any free port` },
    keys: { type: 'string', value: '<path>', describe: 'file with keys and their limits; `cogumi key` makes them' },
    'key-file': { type: 'string', value: '<path>', describe: 'file with one API key; default: COGUMI_API_KEY' },
    'max-requests': {
      type: 'string',
      value: '<number>',
      describe: `most requests that are answered or waiting; more get 429; default ${MAX_REQUESTS}`,
    },
    grace: {
      type: 'string',
      value: '<seconds>',
      describe: `how long answers may go on after Ctrl-C or SIGTERM; default ${GRACE_MS / 1000}`,
    },
    log: {
      type: 'string',
      value: LOG_FORMS.join('|'),
      describe: 'json: a line of JSON on stderr for each request, without content; default text: failures',
    },
    adapter: {
      type: 'string',
      multiple: true,
      value: '<name>=<path>',
      describe: 'LoRA adapter in GGUF for a model in GGUF; repeat it for more',
    },
    upstream: {
      type: 'string',
      multiple: true,
      value: '<url>',
      describe: "OpenAI API of a server that generates, such as vLLM's, http://host:8000/v1; repeat it for replicas",
    },
    ...RUNTIME_OPTIONS,
  },
  async run({ positionals, options, json, signal, onHangup }) {
    const { host = '127.0.0.1', port, grace } = options;
    const maxRequests = options['max-requests'];
    const log = serveLog(oneOf('log', options.log ?? 'text', LOG_FORMS));
    const graceMs = grace === undefined ? GRACE_MS : 1000 * wholeNumber('grace', grace, 0, LONGEST_GRACE_S);
    const server = {
      host,
      ...(port === undefined ? {} : { port: wholeNumber('port', port, 0, 65_535) }),
      ...(maxRequests === undefined ? {} : { maxRequests: wholeNumber('max-requests', maxRequests, 1, 100_000) }),
    };
    const adapters = namedAdapters(options.adapter ?? []);
    const open = (until: AbortSignal) =>
      openServed(positionals[0], adapters, {
        ...runtimeOptions(options),
        ...upstreamOf(options.upstream),
        signal: until,
        onDecided: (measured) => {
          if (measured.unmeasured.length > 0) return;
          log.info(`all is measured now\n${describeMeasured(measured).join('\n')}`, { event: 'measured', measured });
        },
      });
    const { keyFile, apiKey } = await openKeys(options, log);
    // A SIGHUP from now on does not end the server; one that comes too early is done when it has started.
    const started = Promise.withResolvers<() => void>();
    onHangup?.(() => void started.promise.then((reload) => reload()));
    const tracing = await startTracing(process.env, (error) => log.problem(error, 'spans are lost'));
    try {
      const opening = open(signal);
      opening.catch(() => undefined);
      // The HTTP server is loaded while the process of the model reads the model.
      const { startServer } = await import('@cogumi/runtime/server');
      const runtime = await opening;
      const running = await startServer(runtime, {
        ...server,
        ...(apiKey === null ? {} : { apiKey }),
        ...(keyFile === null ? {} : { keys: keyFile.keys }),
        observers: [...log.observers, ...(tracing ? [tracing.observer] : [])],
        onFailure: ({ requestId, error }) =>
          log.problem(error, `request ${requestId} failed`, { request_id: requestId }),
        onHangUp: ({ requestId }) =>
          log.info(`request ${requestId}: the client closed the connection (499)`, { request_id: requestId }),
      }).catch(async (error: unknown) => {
        await runtime.close();
        throw error;
      });
      const served = reloads(runtime, running, open, {
        onReload: (before, now) =>
          log.info(`${now.served.name} is served now: ${now.served.digest ?? now.served.path}`, {
            digest: now.served.digest,
            before: before.served.digest,
          }),
        onProblem: (error) => log.problem(error, 'the bundle was not replaced, and the one before is still served'),
      });
      started.resolve(() => void Promise.all([keyFile?.reload(), served.reload()]));
      try {
        const locked = apiKey !== null || keyFile !== null;
        console.log(json ? JSON.stringify(serverFacts(runtime, running)) : describeServer(runtime, running, locked));
        if (!signal.aborted) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        }
        await running.close(graceMs);
      } finally {
        await served.close();
      }
    } finally {
      await tracing?.close();
      await keyFile?.close();
    }
    return EXIT.done;
  },
});

/** Servers that generate; their key is in COGUMI_UPSTREAM_KEY. @throws UsageError */
function upstreamOf(urls: readonly string[] = []): { upstream?: Upstream } {
  const wrong = urls.find((url) => !isHttpAddress(url));
  if (wrong !== undefined) {
    throw new UsageError(
      `--upstream is ${JSON.stringify(wrong)}, which is not an address of HTTP.`,
      'For example: --upstream http://localhost:8000/v1',
    );
  }
  return urls.length === 0 ? {} : { upstream: { urls, key: process.env.COGUMI_UPSTREAM_KEY ?? null } };
}

/** Keys from a file with limits, or one key without; both null: none. */
async function openKeys(
  options: { readonly keys?: string; readonly 'key-file'?: string },
  log: ServeLog,
): Promise<{ keyFile: KeyFile | null; apiKey: string | null }> {
  const { keys, 'key-file': single } = options;
  if (keys === undefined) return { keyFile: null, apiKey: await readKey(single, process.env.COGUMI_API_KEY) };
  if (single !== undefined) {
    throw new UsageError('--keys and --key-file are both set, and only one can hold.', 'Leave one of them out.');
  }
  const keyFile = await openKeyFile(keys, {
    onReload: (count) => log.info(`${keys} has changed: ${count} ${count === 1 ? 'key' : 'keys'}`),
    onProblem: (error) => log.problem(error, 'the keys before stay in use'),
    onUsageProblem: (error) => log.problem(error, 'the server goes on'),
  });
  return { keyFile, apiKey: null };
}
