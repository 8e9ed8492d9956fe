import type { ChatRequest, ChoiceRequest, GenerationRequest } from '../tasks/task.ts';

/** A model that a benchmark is put to. */
export interface EvalModel {
  readonly name: string;
  /** All that its answers depend on besides the request, such as the digest of its file; part of the cache key of an answer. */
  readonly identity: Readonly<Record<string, string | number | null>>;
  /** Requests that are worth asking in one call. */
  readonly together: number;
  /** @returns The answers in the order of the requests, without their stop texts. */
  generate(requests: readonly GenerationRequest[], signal: AbortSignal): Promise<string[]>;
  /** @returns The answers in the order of the requests. */
  chat(requests: readonly ChatRequest[], signal: AbortSignal): Promise<string[]>;
  /** @returns Natural logarithm of the probability of each choice behind the context. @throws CogumiError EVAL_MODEL if it has none. */
  logLikelihoods(request: ChoiceRequest, signal: AbortSignal): Promise<number[]>;
}
