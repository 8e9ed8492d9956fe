import { ApiError } from './api-error.ts';

/** True for a value that changes nothing, so that accepting it ignores nothing. */
type IsNeutral = (value: unknown) => boolean;

/** Fields of OpenAI's API that are not supported. `says`: what a refusal calls the field's purpose. */
type Unsupported = Readonly<Record<string, { readonly neutral: IsNeutral; readonly says?: string }>>;

const TOOLS = 'the older form of tools';
const AUDIO = 'audio';

/** Options of a chat completion. */
export const CHAT_OPTIONS: Unsupported = {
  functions: { neutral: isEmpty, says: TOOLS },
  function_call: { neutral: (value) => value === 'none' || value === 'auto', says: TOOLS },
  modalities: { neutral: (value) => shown(value) === '["text"]' },
  moderation: { neutral: isEmpty },
  audio: { neutral: isEmpty, says: AUDIO },
  prediction: { neutral: isEmpty },
  prompt_cache_options: { neutral: isEmpty },
  prompt_cache_retention: { neutral: (value) => value === 'in-memory' || value === 'in_memory' },
  reasoning_effort: { neutral: (value) => value === 'none' },
  verbosity: { neutral: () => false },
  service_tier: { neutral: (value) => value === 'auto' || value === 'default' },
  store: { neutral: (value) => value === false },
  metadata: { neutral: isEmpty },
  web_search_options: { neutral: () => false },
};

/** Options of a text completion. */
export const COMPLETION_OPTIONS: Unsupported = {
  best_of: { neutral: (value) => value === 1 },
  suffix: { neutral: (value) => value === '' },
};

/** Options of a response. Nothing is stored, so nothing earlier can be referred to. */
export const RESPONSE_OPTIONS: Unsupported = {
  background: { neutral: (value) => value === false },
  context_management: { neutral: isEmpty },
  conversation: { neutral: () => false },
  max_tool_calls: { neutral: () => false },
  moderation: { neutral: isEmpty },
  previous_response_id: { neutral: () => false },
  prompt: { neutral: isEmpty },
  prompt_cache_options: { neutral: isEmpty },
  prompt_cache_retention: { neutral: (value) => value === 'in-memory' || value === 'in_memory' },
  reasoning: { neutral: (value) => isEmpty(value) || shown(value) === '{"effort":"none"}' },
  service_tier: { neutral: (value) => value === 'auto' || value === 'default' },
  store: { neutral: (value) => value === false },
  truncation: { neutral: (value) => value === 'disabled' },
};

/** Options of embeddings. */
export const EMBEDDING_OPTIONS: Unsupported = { dimensions: { neutral: () => false } };

/** Fields of a message, which clients copy from an earlier answer. */
export const MESSAGE_FIELDS: Unsupported = {
  function_call: { neutral: () => false, says: TOOLS },
  audio: { neutral: isEmpty, says: AUDIO },
  refusal: { neutral: (value) => value === '' },
  annotations: { neutral: isEmpty },
};

/** The fields without those that are not supported but change nothing. @throws ApiError 400 for those that would. */
export function withoutUnsupported(
  fields: Readonly<Record<string, unknown>>,
  unsupported: Unsupported,
  place = '',
): Record<string, unknown> {
  const kept: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(fields)) {
    const entry = Object.hasOwn(unsupported, key) ? unsupported[key] : undefined;
    if (entry === undefined) kept[key] = value;
    else if (!entry.neutral(value)) {
      const param = place + key;
      const why = entry.says === undefined ? '' : ` (${entry.says})`;
      const message = `This server does not support "${param}"${why} with the value ${shown(value)}.`;
      throw new ApiError(400, 'unsupported_parameter', message, { param });
    }
  }
  return kept;
}

/** Refuses the role of an older form of results by name. @throws ApiError 400. */
export function refuseFunctionRole(role: unknown, place: string): void {
  if (role !== 'function') return;
  const message = `This server does not support the role ${shown(role)} (${TOOLS}).`;
  throw new ApiError(400, 'unsupported_parameter', message, { param: `${place}role` });
}

/**
 * The value without the keys that are null, at any depth: in OpenAI's API null means that a field is not set, and its Python
 * client writes every field of an answer. The depth is bounded by `parseStrictJson`.
 *
 * @param asSent - Keys whose values stay as they are, such as JSON Schemas, in which null is a value.
 */
export function withoutNulls(value: unknown, asSent: readonly string[]): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, asSent));
  const kept: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null) kept[key] = asSent.includes(key) ? inner : withoutNulls(inner, asSent);
  }
  return kept;
}

/** A value as it stands in a message: its beginning, in at most 80 characters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 81) : value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
