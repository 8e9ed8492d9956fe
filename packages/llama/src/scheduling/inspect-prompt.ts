import { BATCH_TOKENS, type Model, OUTPUT_TOKENS } from '../binding/model.ts';
import type { Inspection } from '../types/answers.ts';
import { checkPrompt } from './check-prompt.ts';
import type { PromptBeginning } from './prompt-beginning.ts';
import { readOn } from './prompt-sums.ts';

/**
 * Perplexity and hidden states of a prompt, from the base (without an adapter). Each prompt is decoded by itself, and cut at the same
 * place whatever was read before, so that a router gets bit-equal features in training and in serving.
 *
 * @param sequence - It is cleared first, and holds the prompt afterwards.
 */
export function inspectPrompt(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  beginning: PromptBeginning,
): Inspection {
  checkPrompt(model.info, tokens, 0);
  const { hidden, loss, last } = readOn(model, sequence, tokens, beginning.enter(sequence, tokens));
  return {
    tokens: tokens.length,
    perplexity: tokens.length < 2 ? 1 : Math.exp(loss / (tokens.length - 1)),
    mean: Float32Array.from(hidden, (sum) => sum / tokens.length),
    last,
  };
}

interface LogitsOptions {
  readonly adapter: string | null;
  readonly from: number;
  readonly beginning: PromptBeginning;
}

/**
 * Logits of the tokens from `from` on, shape [tokens, vocabulary], row-major. The beginning that all chats have is not read again where the
 * base's logits behind it are asked for.
 *
 * @param sequence - As for `inspectPrompt`.
 */
export function promptLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { adapter, from, beginning }: LogitsOptions,
): Float32Array {
  checkPrompt(model.info, tokens, 0);
  let start = 0;
  if (adapter === null && from >= beginning.length) start = beginning.enter(sequence, tokens).tokens;
  else model.clearSequence(sequence);
  model.useAdapter(adapter);
  return readLogits(model, sequence, tokens, { start, from, block: BATCH_TOKENS });
}

/**
 * Tokens that are read in one pass where prompts share what was read (chosen): passes of SmolLM2 over 64 tokens and over 512 take as long for
 * each token (measured), and up to 63 tokens of a shared beginning are read again.
 */
const BLOCK_TOKENS = 64;

/**
 * The same for prompts that begin alike, such as questions behind the same examples: what the sequence holds of the beginning is not read
 * again. Rounding depends on how many tokens are decoded together, so a prompt is cut into blocks by their places, and only whole blocks
 * are kept: the bits depend on that prompt alone.
 *
 * @param held - Tokens that the sequence holds of whole blocks.
 * @returns The logits, and what the sequence holds now.
 */
export function sharedLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { adapter, from, held }: Omit<LogitsOptions, 'beginning'> & { readonly held: readonly number[] },
): { logits: Float32Array; held: readonly number[] } {
  checkPrompt(model.info, tokens, 0);
  const whole = from - (from % BLOCK_TOKENS);
  const other = held.findIndex((token, at) => token !== tokens[at]);
  const common = Math.min(other < 0 ? held.length : other, whole);
  let start = common - (common % BLOCK_TOKENS);
  if (start === 0 || !model.truncateSequence(sequence, start)) {
    model.clearSequence(sequence);
    start = 0;
  }
  model.useAdapter(adapter);
  const logits = readLogits(model, sequence, tokens, { start, from, block: BLOCK_TOKENS });
  return { logits, held: tokens.slice(0, whole) };
}

/** Reads a prompt from `start` on, in passes that end where a block ends. */
function readLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { start: first, from, block }: { readonly start: number; readonly from: number; readonly block: number },
): Float32Array {
  const { vocabularySize } = model.info;
  const all = new Float32Array(Math.max(0, tokens.length - from) * vocabularySize);
  let start = first;
  while (start < tokens.length) {
    const output = start >= from;
    const part = tokens.slice(start, start + (output ? OUTPUT_TOKENS : Math.min(block, from - start)));
    model.decode(
      part.map((token, at) => ({ token, position: start + at, sequence, output })),
      false,
    );
    for (const place of output ? part.keys() : []) {
      all.set(model.logits(place), (start + place - from) * vocabularySize);
    }
    start += part.length;
  }
  return all;
}
