import { CogumiError } from '@cogumi/contracts';
import { BATCH_TOKENS, type Model } from './model.ts';
import type { Inspection } from './types.ts';

/** Logits and, if wanted, hidden states of every token, part by part; the callback sees views that do not last. */
function eachToken(
  model: Model,
  tokens: readonly number[],
  hidden: boolean,
  visit: (at: number, logits: Float32Array, hidden: Float32Array | null) => void,
): void {
  if (tokens.length === 0 || tokens.length > model.info.contextTokens) {
    throw new CogumiError(
      'CONTEXT_TOO_SMALL',
      `The prompt has ${tokens.length} tokens; the context holds ${model.info.contextTokens}.`,
      'Shorten the prompt.',
    );
  }
  const sequence = model.inspectionSequence;
  model.useAdapter(null);
  model.forget(sequence);
  for (let from = 0; from < tokens.length; from += BATCH_TOKENS) {
    const part = tokens.slice(from, from + BATCH_TOKENS);
    model.decode(
      part.map((token, at) => ({ token, position: from + at, sequence, output: true })),
      hidden,
    );
    for (const at of part.keys()) visit(from + at, model.logits(at), hidden ? model.hidden(at) : null);
  }
  model.forget(sequence);
}

/** Perplexity and mean hidden state of a prompt, from one pass. */
export function inspectPrompt(model: Model, tokens: readonly number[]): Inspection {
  const mean = new Float64Array(model.info.hiddenSize);
  let loss = 0;
  eachToken(model, tokens, true, (at, logits, hidden) => {
    hidden?.forEach((value, width) => (mean[width]! += value / tokens.length));
    const next = tokens[at + 1];
    if (next !== undefined) loss += logSumExp(logits) - (logits[next] as number);
  });
  return {
    tokens: tokens.length,
    perplexity: tokens.length < 2 ? 1 : Math.exp(loss / (tokens.length - 1)),
    mean: Float32Array.from(mean),
  };
}

/** Logits of every token, row-major [tokens, vocabulary]. */
export function promptLogits(model: Model, tokens: readonly number[]): Float32Array {
  const { vocabularySize } = model.info;
  const all = new Float32Array(tokens.length * vocabularySize);
  eachToken(model, tokens, false, (at, logits) => all.set(logits, at * vocabularySize));
  return all;
}

function logSumExp(logits: Float32Array): number {
  let highest = -Infinity;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return highest + Math.log(sum);
}
