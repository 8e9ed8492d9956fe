import { type Model, OUTPUT_TOKENS } from '../binding/model.ts';
import { logSumExp } from './sampler.ts';

/** Sums over the first tokens of a prompt, which the base has read. */
export interface PromptSums {
  readonly tokens: number;
  /** Sum of the last hidden states, shape [hidden]. */
  readonly hidden: Float64Array;
  /** Sum of the negative log-likelihoods of all these tokens but the first. */
  readonly loss: number;
  /** Last hidden state of the last token, shape [hidden]. */
  readonly last: Float32Array;
  /** Logits of the last token, shape [vocabulary]; none before the first token. */
  readonly logits: Float32Array;
}

/** What `readOn` starts from. */
export function noTokens({ info: { hiddenSize } }: Model): PromptSums {
  return {
    tokens: 0,
    hidden: new Float64Array(hiddenSize),
    loss: 0,
    last: new Float32Array(hiddenSize),
    logits: new Float32Array(),
  };
}

/**
 * Reads the rest of a prompt with the base, in parts of `OUTPUT_TOKENS`.
 *
 * @param sequence - It holds the tokens that `sums` counts.
 * @returns The sums over the whole prompt; those that were given stay as they are. `logits` are a view, valid until the next pass.
 */
export function readOn(model: Model, sequence: number, prompt: readonly number[], sums: PromptSums): PromptSums {
  model.useAdapter(null);
  const hidden = sums.hidden.slice();
  let { loss, last, logits } = sums;
  for (let start = sums.tokens; start < prompt.length; start += OUTPUT_TOKENS) {
    const part = prompt.slice(start, start + OUTPUT_TOKENS);
    if (start > sums.tokens) logits = logits.slice();
    model.decode(
      part.map((token, at) => ({ token, position: start + at, sequence, output: true })),
      true,
    );
    for (const [place, token] of part.entries()) {
      const before = place === 0 ? logits : model.logits(place - 1);
      if (start + place > 0) loss += logSumExp(before) - (before[token] as number);
      const state = model.hidden(place);
      for (let width = 0; width < hidden.length; width++) hidden[width]! += state[width] as number;
    }
    last = model.hidden(part.length - 1).slice();
    logits = model.logits(part.length - 1);
  }
  return { tokens: prompt.length, hidden, loss, last, logits };
}
