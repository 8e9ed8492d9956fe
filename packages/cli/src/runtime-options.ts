import { DEFAULT_CONTEXT_TOKENS, type RuntimeOptions } from '@cogumi/runtime';
import { wholeNumber } from './parse-call.ts';
import type { Options } from './verb.ts';

/** What `serve` and `chat` both take. */
export const RUNTIME_OPTIONS = {
  context: {
    type: 'string',
    value: '<tokens>',
    describe: `of one conversation; default what the base was made for, ${DEFAULT_CONTEXT_TOKENS} at the most`,
  },
  sequences: { type: 'string', value: '<number>', describe: 'answers written at the same time; default 4' },
  threads: { type: 'string', value: '<number>', describe: 'default: the cores of this machine, 8 at the most' },
  cache: { type: 'string', value: '<folder>', describe: 'where parts are unpacked; default ~/.cache/cogumi' },
} as const satisfies Options;

/** @throws UsageError */
export function runtimeOptions(given: { [Name in keyof typeof RUNTIME_OPTIONS]?: string }): RuntimeOptions {
  const { context, sequences, threads, cache } = given;
  return {
    ...(context === undefined ? {} : { contextTokens: wholeNumber('context', context, 16, 2 ** 20) }),
    ...(sequences === undefined ? {} : { sequences: wholeNumber('sequences', sequences, 1, 256) }),
    ...(threads === undefined ? {} : { threads: wholeNumber('threads', threads, 1, 512) }),
    ...(cache === undefined ? {} : { cache }),
  };
}
