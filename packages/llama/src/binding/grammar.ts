import { CogumiError } from '@cogumi/contracts';
import koffi from 'koffi';
import type { Library, Pointer } from './library.ts';
import { joinUtf8 } from './utf8.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Restricts an answer to texts that a grammar matches. */
export interface Grammar {
  /** Whether a token may come next. */
  allows(token: number): boolean;
  /** Sets the logits of most tokens that `allows` refuses to −∞. */
  mask(logits: Float32Array): void;
  /** Continues with a token that is allowed and does not end the answer. */
  accept(token: number): void;
  /** Nothing may be called after it. */
  free(): void;
}

/** Bytes of a `llama_token_data`: id, logit, probability. */
const CANDIDATE_BYTES = 12;

/** A `llama_token_data_array` for a vocabulary in native memory. All grammars of a model use it in turn. */
export class NativeCandidates {
  readonly #pointer: Pointer;
  readonly #ids: Int32Array;
  readonly #logits: Float32Array;

  constructor(size: number) {
    this.#pointer = koffi.alloc('uint8_t', size * CANDIDATE_BYTES);
    const memory = koffi.view(this.#pointer, size * CANDIDATE_BYTES);
    this.#ids = new Int32Array(memory);
    this.#logits = new Float32Array(memory);
  }

  /** Writes candidates, lets a sampler change their logits, and reads these. */
  apply(llama: Library, sampler: Pointer, count: number, id: (at: number) => number, logits: Float32Array): void {
    for (let at = 0; at < count; at++) {
      this.#ids[3 * at] = id(at);
      this.#logits[3 * at + 1] = logits[at] as number;
      this.#logits[3 * at + 2] = 0;
    }
    llama.applySampler(sampler, { data: this.#pointer, size: count, selected: -1, sorted: false });
    for (let at = 0; at < count; at++) logits[at] = this.#logits[3 * at + 1] as number;
  }
}

/** @throws CogumiError GRAMMAR if llama.cpp cannot read the grammar. */
export function openGrammar(
  llama: Library,
  vocab: Pointer,
  vocabulary: Vocabulary,
  candidates: NativeCandidates,
  text: string,
): Grammar {
  const sampler = llama.grammarSampler(vocab, text, 'root') as Pointer;
  if (!sampler) throw new CogumiError('GRAMMAR', 'llama.cpp cannot read the grammar.', 'Check its syntax (GBNF).');
  /** Bytes of a character that is not complete. */
  let pending: Uint8Array = new Uint8Array();
  const one = new Float32Array(1);
  const same = (at: number) => at;
  return {
    allows(token) {
      one[0] = 0;
      candidates.apply(llama, sampler, 1, () => token, one);
      if (one[0] === -Infinity) return false;
      // llama.cpp takes bytes for a character that are not valid UTF-8, and a reader would see other characters than the grammar.
      return vocabulary.isEnd(token) || joinUtf8(pending, vocabulary.piece(token, true)) !== null;
    },
    mask: (logits) => candidates.apply(llama, sampler, logits.length, same, logits),
    accept(token) {
      pending = joinUtf8(pending, vocabulary.piece(token, true)) ?? pending;
      llama.acceptSampler(sampler, token);
    },
    free: () => llama.freeSampler(sampler),
  };
}
