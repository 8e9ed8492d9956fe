import { type Check, check } from './check.ts';

const TIMEOUT_MS = 5000;

/** Environment variables with API keys, and what each is for. Nano needs none. Their values are never printed. */
const KEYS = {
  HF_TOKEN: 'gated models and data sets',
  OPENAI_API_KEY: 'teachers of OpenAI and compatible endpoints',
  ANTHROPIC_API_KEY: 'teachers of Anthropic',
  OPENROUTER_API_KEY: 'teachers through OpenRouter',
} as const;

export function checkKeys(environment: NodeJS.ProcessEnv = process.env): Check {
  const part = (state: string, set: boolean) => {
    const keys = Object.entries(KEYS).filter(([key]) => Boolean(environment[key]) === set);
    return keys.length === 0 ? [] : [`${state}: ${keys.map(([key, use]) => `${key} (${use})`).join(', ')}`];
  };
  return check('keys', 'ok', [...part('set', true), ...part('not set', false)].join('; '));
}

/** Checks that the model hub answers. It runs only with `--network`, because nothing else in `doctor` needs the network. */
export async function checkNetwork(
  environment: NodeJS.ProcessEnv = process.env,
  get: typeof fetch = fetch,
): Promise<Check> {
  const endpoint = environment.HF_ENDPOINT || 'https://huggingface.co';
  const advice = 'Set HF_ENDPOINT to a mirror, or set HTTPS_PROXY. Models and data can also be local paths.';
  const started = performance.now();
  try {
    const { status } = await get(endpoint, { method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const took = Math.round(performance.now() - started);
    return check('network', status < 500 ? 'ok' : 'warn', `${endpoint} answers ${status} in ${took} ms`, advice);
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : (error as Error).message;
    return check('network', 'warn', `${endpoint} cannot be reached: ${cause}`, advice);
  }
}
