import { KV_CACHE_TYPES, MAX_THREADS, SPECULATE } from '@cogumi/llama';
import { DEFAULT_CONTEXT_TOKENS, type RuntimeOptions } from '@cogumi/runtime';
import { byteCount, oneOf, wholeNumber } from './parse-call.ts';
import type { Options } from './verb.ts';

/** llama.cpp has 256, of which one is kept for what is read besides answers. */
const MOST_SEQUENCES = 255;

/** Options of `serve` and `chat`. */
export const RUNTIME_OPTIONS = {
  context: {
    type: 'string',
    value: '<tokens>',
    describe: `most tokens of a conversation; default: the base's training context, at most ${DEFAULT_CONTEXT_TOKENS}`,
  },
  sequences: {
    type: 'string',
    value: '<number>',
    describe: 'answers generated in parallel; default 4, fewer where memory is short',
  },
  'adapter-memory': {
    type: 'string',
    value: '<bytes>',
    describe: 'most memory for adapters that are loaded at a time, such as 500M; default: what is left',
  },
  threads: {
    type: 'string',
    value: '<number>',
    describe: `threads; default: what is fastest when the model is loaded, at most ${MAX_THREADS}`,
  },
  'kv-cache': {
    type: 'string',
    value: '<type>',
    describe: `type of the KV cache: ${KV_CACHE_TYPES.join(', ')}; default f16. Smaller ones are measured first`,
  },
  speculate: {
    type: 'string',
    value: '<how>',
    describe: `draft tokens and confirm several at once, where that is faster: ${SPECULATE.join(', ')}; default auto`,
  },
  draft: {
    type: 'string',
    value: '<path>',
    describe: "draft model in GGUF with the same vocabulary, used where it makes answers faster; default: the bundle's",
  },
  cache: { type: 'string', value: '<folder>', describe: 'folder for unpacked parts; default ~/.cache/cogumi' },
} as const satisfies Options;

/** @throws UsageError */
export function runtimeOptions(given: { [Name in keyof typeof RUNTIME_OPTIONS]?: string }): RuntimeOptions {
  const {
    context,
    sequences,
    'adapter-memory': adapterMemory,
    threads,
    'kv-cache': kvCache,
    speculate,
    draft,
    cache,
  } = given;
  return {
    ...(context === undefined ? {} : { contextTokens: wholeNumber('context', context, 16, 2 ** 20) }),
    ...(sequences === undefined ? {} : { sequences: wholeNumber('sequences', sequences, 1, MOST_SEQUENCES) }),
    ...(adapterMemory === undefined ? {} : { adapterMemory: byteCount('adapter-memory', adapterMemory) }),
    ...(threads === undefined ? {} : { threads: wholeNumber('threads', threads, 1, 512) }),
    ...(kvCache === undefined ? {} : { kvCache: oneOf('kv-cache', kvCache, KV_CACHE_TYPES) }),
    ...(speculate === undefined ? {} : { speculate: oneOf('speculate', speculate, SPECULATE) }),
    ...(draft === undefined ? {} : { draft }),
    ...(cache === undefined ? {} : { cache }),
  };
}
