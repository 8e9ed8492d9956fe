import { BATCH_TOKENS, type Model } from '../binding/model.ts';
import { checkPrompt } from './check-prompt.ts';
import type { PromptBeginning } from './prompt-beginning.ts';

/** Added to the mean square of a state, as layers do when they normalise theirs. */
const EPSILON = 1e-6;

interface LayerMeansOptions {
  /** From 0 to the last but one, ascending. */
  readonly layers: readonly number[];
  readonly beginning: PromptBeginning;
  /**
   * Asked in the middle of the pass: true, and the base reads on. Not asked where a prompt takes several passes, or is one token.
   *
   * @param means - As `LayerMeans`.
   */
  readonly goesOn: (means: readonly Float32Array[]) => boolean;
}

export interface LayerMeans {
  /** For each layer the mean over the tokens that were read, shape [hidden]. Each token's state has a mean square of 1. */
  readonly means: readonly Float32Array[];
  /** True: the base read on, and the sequence holds all tokens but the last; otherwise it is empty. */
  readonly held: boolean;
}

/**
 * What layers of the base make of a prompt, in a pass that ends behind the last of these layers, so that it costs the share of the layers up
 * to there. What all chats begin with is read before, once, and has no part in the means. The last token, with which the template ends
 * every prompt, has none either: an answer has to read it for its logits, and so reads nothing twice.
 *
 * Each prompt is decoded by itself, and cut at the same places whatever was read before, so that a router gets bit-equal features in
 * training and in serving.
 *
 * @param sequence - It is cleared first.
 * @throws as `checkPrompt`; CogumiError LAYER_UNREADABLE.
 */
export function layerMeans(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { layers, beginning, goesOn }: LayerMeansOptions,
): LayerMeans {
  const { readLayers, info } = model;
  if (readLayers === null) throw new RangeError('the model was opened without `layers`');
  checkPrompt(info, tokens, 0);
  const { hiddenSize } = info;
  const start = beginning.enter(sequence, tokens).tokens;
  const own = tokens.slice(start, Math.max(start + 1, tokens.length - 1));
  const sums = new Map(layers.map((layer) => [layer, new Float64Array(hiddenSize)]));
  const means = () => layers.map((layer) => Float32Array.from(sums.get(layer)!, (sum) => sum / own.length));
  const whole = own.length <= BATCH_TOKENS && start + own.length < tokens.length;
  let held = false;
  model.useAdapter(null);
  for (let from = 0; from < own.length; from += BATCH_TOKENS) {
    const entries = own
      .slice(from, from + BATCH_TOKENS)
      .map((token, at) => ({ token, position: start + from + at, sequence, output: false }));
    held = readLayers(entries, layers, (layer, states) => {
      addStates(sums.get(layer) as Float64Array, states);
      return layer !== layers.at(-1) || (whole && goesOn(means()));
    });
  }
  if (!held) model.clearSequence(sequence);
  return { means: means(), held };
}

/** Adds the states of tokens, each divided by the root of its mean square. */
function addStates(sum: Float64Array, states: Float32Array): void {
  const width = sum.length;
  for (let from = 0; from < states.length; from += width) {
    let squares = 0;
    for (let at = from; at < from + width; at++) squares += states[at]! * states[at]!;
    const factor = 1 / Math.sqrt(squares / width + EPSILON);
    for (let at = 0; at < width; at++) sum[at]! += factor * states[from + at]!;
  }
}
