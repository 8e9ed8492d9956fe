import { BATCH_TOKENS, type Model, OUTPUT_TOKENS } from '../binding/model.ts';
import type { Inspection } from '../types.ts';
import { checkPrompt } from './check-prompt.ts';
import { logSumExp } from './sampler.ts';

/**
 * Perplexity and hidden states of a prompt, from one pass of the base (without an adapter). Each prompt is decoded by itself,
 * so that a router gets bit-equal features in training and in serving.
 *
 * @param sequence - It is cleared first, and holds the prompt afterwards.
 */
export function inspectPrompt(model: Model, sequence: number, tokens: readonly number[]): Inspection {
  const mean = new Float64Array(model.info.hiddenSize);
  const last = new Float32Array(model.info.hiddenSize);
  let loss = 0;
  forEachToken(model, sequence, tokens, { adapter: null, hidden: true, from: 0 }, (at, logits, place) => {
    const hidden = model.hidden(place);
    for (let width = 0; width < mean.length; width++) mean[width]! += hidden[width]! / tokens.length;
    const next = tokens[at + 1];
    if (next === undefined) last.set(hidden);
    else loss += logSumExp(logits) - (logits[next] as number);
  });
  return {
    tokens: tokens.length,
    perplexity: tokens.length < 2 ? 1 : Math.exp(loss / (tokens.length - 1)),
    mean: Float32Array.from(mean),
    last,
  };
}

/** Logits of the tokens from `from` on, shape [tokens, vocabulary], row-major. @param sequence - As for `inspectPrompt`. */
export function promptLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  adapter: string | null,
  from: number,
): Float32Array {
  const { vocabularySize } = model.info;
  const all = new Float32Array(Math.max(0, tokens.length - from) * vocabularySize);
  forEachToken(model, sequence, tokens, { adapter, hidden: false, from }, (at, logits) =>
    all.set(logits, (at - from) * vocabularySize),
  );
  return all;
}

interface Reading {
  readonly adapter: string | null;
  readonly hidden: boolean;
  /** The first token that is visited. */
  readonly from: number;
}

/** Decodes a prompt part by part. The callback gets a view of the logits, valid only during the call, and the token's place in the pass. */
function forEachToken(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { adapter, hidden, from }: Reading,
  visit: (at: number, logits: Float32Array, place: number) => void,
): void {
  checkPrompt(model.info, tokens, 0);
  model.useAdapter(adapter);
  model.clearSequence(sequence);
  for (let start = 0; start < tokens.length; ) {
    const visited = start >= from;
    const part = tokens.slice(start, start + (visited ? OUTPUT_TOKENS : Math.min(BATCH_TOKENS, from - start)));
    model.decode(
      part.map((token, at) => ({ token, position: start + at, sequence, output: visited })),
      hidden,
    );
    if (visited) for (const place of part.keys()) visit(start + place, model.logits(place), place);
    start += part.length;
  }
}
