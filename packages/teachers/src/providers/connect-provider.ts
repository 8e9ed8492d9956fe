import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import type { Provider } from '../provider.ts';
import { anthropic } from './anthropic.ts';
import type { Timeouts } from './http/endpoint.ts';
import { KNOWN_PROVIDERS, type KnownProvider } from './known-providers.ts';
import { openAiCompatible } from './openai-compatible.ts';

/** Settings of a provider in a recipe. Missing settings come from the known providers, or have defaults for a new one. */
export interface ConnectSettings {
  readonly kind?: 'openai' | 'anthropic' | undefined;
  readonly baseUrl?: string | undefined;
  readonly keyVariable?: string | null | undefined;
  readonly timeouts?: Partial<Timeouts>;
}

/**
 * Makes a provider from its name, the recipe and the environment. The address in the environment takes precedence over the
 * recipe, and the recipe over the known settings. Sends no request.
 *
 * @param environment - Like `process.env`.
 * @throws CogumiError PROVIDER_UNKNOWN, PROVIDER_KEY_MISSING, PROVIDER_SETTINGS_INVALID.
 */
export function connect(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  settings: ConnectSettings = {},
): Provider {
  const { kind, baseUrl, keyVariable, urlVariable, ...rest } = knowledge(name, settings);
  const key = keyVariable === null ? null : environment[keyVariable]?.trim();
  if (!key && keyVariable !== null) {
    throw new CogumiError(
      'PROVIDER_KEY_MISSING',
      `${name} needs a key; ${keyVariable} is not set.`,
      `Set ${keyVariable} (\`export ${keyVariable}=...\`), or name a teacher of another provider.`,
      { exitCode: EXIT.usage },
    );
  }
  const given = environment[urlVariable];
  const address = !given ? baseUrl : name === 'ollama' ? ollamaUrl(given) : given;
  const endpoint = { provider: name, baseUrl: address, key: key ?? null, keyVariable, urlVariable };
  const options = { ...rest, ...endpoint, timeouts: settings.timeouts ?? {} };
  return kind === 'anthropic' ? anthropic(options) : openAiCompatible(options);
}

/** The known settings of a provider, overridden by the recipe. @throws CogumiError PROVIDER_UNKNOWN. */
function knowledge(name: string, { kind, baseUrl, keyVariable }: ConnectSettings): Omit<KnownProvider, 'concurrency'> {
  const known = KNOWN_PROVIDERS.get(name);
  if (known) {
    const own = {
      ...(kind && { kind }),
      ...(baseUrl && { baseUrl }),
      ...(keyVariable !== undefined && { keyVariable }),
    };
    return { ...known, ...own };
  }
  if (!kind || !baseUrl) throw unknown(name);
  const urlVariable = `${name.toUpperCase().replaceAll('-', '_')}_BASE_URL`;
  return { kind, baseUrl, keyVariable: keyVariable ?? null, urlVariable, batches: kind === 'anthropic' };
}

/** OLLAMA_HOST is the address that Ollama's server listens on: `0.0.0.0`, `host:port`, or a URL, always without `/v1`. */
function ollamaUrl(host: string): string {
  const url = URL.parse(/^https?:\/\//.test(host) ? host : `http://${host}`);
  if (url === null) return host;
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && url.protocol === 'http:') url.port = '11434';
  return `${url.origin}${url.pathname.replace(/\/(v1\/?)?$/, '')}/v1`;
}

function unknown(name: string): CogumiError {
  const names = [...KNOWN_PROVIDERS.keys()];
  const near = nearest(name, names);
  return new CogumiError(
    'PROVIDER_UNKNOWN',
    `No provider "${name}"${near === null ? '' : `; did you mean "${near}"?`}`,
    `The known providers are ${names.join(', ')} and procedural; any other one needs \`kind\` and \`baseUrl\` under \`teachers.providers\`.`,
    { exitCode: EXIT.usage },
  );
}
