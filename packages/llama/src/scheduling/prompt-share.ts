import { BATCH_TOKENS } from '../binding/model.ts';

/** Longest pass for prompts while answers wait for their next token, in milliseconds (chosen: a pause that people notice, and do not mind). */
const STALL_MS = 500;

/**
 * Tokens that a pass reads of prompts in any case: in smaller parts each takes longer. SmolLM2 Q4_1, two threads, tokens/s in parts of 512, 256, 128,
 * 64 and 32: 265, 267, 255, 240, 218 (llama-bench, measured); beside a running answer 2,000 tokens took 12.7 s in parts of mostly 64, where 8.5 s are
 * needed alone. Larger models lose less: their passes compute for longer than they read weights.
 */
const LEAST_TOKENS = 128;

/** Passes over fewer tokens do not tell how long prompts take (chosen). */
const MEASURED_TOKENS = 16;

/** Of the newest pass in the mean (chosen: the load of a machine changes from second to second). */
const NEWEST = 0.5;

/**
 * How much of prompts a pass reads while answers are being made. A long prompt would make all others wait for each of its passes. So it is
 * read in parts that take half a second, or as near to that as pays ("chunked prefills": Agrawal et al. 2024, Sarathi-Serve).
 */
export class PromptShare {
  readonly #stallMs: number;
  #msPerToken = 0;

  constructor(stallMs = STALL_MS) {
    this.#stallMs = stallMs;
  }

  /** Most tokens of prompts in a pass with answers: `LEAST_TOKENS`, or a power of two times as many. All that fit until a pass was timed. */
  get tokens(): number {
    let tokens = LEAST_TOKENS;
    while (tokens < BATCH_TOKENS && 2 * tokens * this.#msPerToken <= this.#stallMs) tokens *= 2;
    return tokens;
  }

  /** A pass over so many tokens, most of them of prompts, took so long. */
  measured(tokens: number, ms: number): void {
    if (tokens < MEASURED_TOKENS) return;
    const own = ms / tokens;
    this.#msPerToken = this.#msPerToken === 0 ? own : (1 - NEWEST) * this.#msPerToken + NEWEST * own;
  }
}
