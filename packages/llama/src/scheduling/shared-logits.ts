import type { Model } from '../binding/model.ts';
import { checkPrompt } from './check-prompt.ts';
import { readLogits } from './read-logits.ts';

/**
 * Most tokens of a part (chosen): passes of SmolLM2 over 64 tokens and over 512 take as long for each token (measured), and where prompts part
 * inside a paragraph, up to 63 tokens are read again.
 */
const MOST_TOKENS = 64;
/** Least tokens of a part (chosen): a pass over fewer takes longer for each. */
const LEAST_TOKENS = 8;

const LINE_END = 10;

interface SharedOptions {
  readonly adapter: string | null;
  readonly from: number;
  /** Tokens that the sequence holds, of whole parts. */
  readonly held: readonly number[];
}

/**
 * Logits of the tokens of a prompt from `from` on, shape [tokens, vocabulary], row-major, for prompts that begin alike, such as questions
 * behind the same examples or choices behind the same question: what the sequence holds of the beginning is not read again.
 *
 * Rounding depends on how many tokens are decoded together. A prompt is therefore cut where a paragraph ends, every `MOST_TOKENS`, and where
 * several tokens are asked for, and only whole parts are kept. Where prompts begin alike their cuts are the same, but for the one at
 * `from`, which comes last: the bits depend on that prompt alone.
 *
 * @returns The logits, and what the sequence holds now.
 */
export function sharedLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { adapter, from, held }: SharedOptions,
): { logits: Float32Array; held: readonly number[] } {
  checkPrompt(model.info, tokens, 0);
  const ends = partEnds(model, tokens, from);
  const whole = tokens.length - from > 1 ? from : (ends.at(-1) ?? 0);
  const other = held.findIndex((token, at) => token !== tokens[at]);
  const common = other < 0 ? held.length : other;
  let start = common === whole && held.length === whole ? whole : (ends.findLast((end) => end <= common) ?? 0);
  if (start === 0 || !model.truncateSequence(sequence, start)) {
    model.clearSequence(sequence);
    start = 0;
  }
  model.useAdapter(adapter);
  const logits = readLogits(model, sequence, tokens, { start, from, ends: [...ends, whole] });
  return { logits, held: tokens.slice(0, whole) };
}

/** Where the parts of a prompt end, up to `from`. */
function partEnds({ vocabulary }: Model, tokens: readonly number[], from: number): number[] {
  const ends: number[] = [];
  let start = 0;
  // How many line ends the text has before a token, without anything between.
  let lines = 0;
  for (let end = 1; end <= from; end++) {
    const piece = vocabulary.piece(tokens[end - 1] as number, false);
    const other = piece.findLastIndex((byte) => byte !== LINE_END);
    lines = other < 0 ? lines + piece.length : piece.length - 1 - other;
    if (end - start < (lines >= 2 ? LEAST_TOKENS : MOST_TOKENS)) continue;
    ends.push(end);
    start = end;
  }
  return ends;
}
