import type { Library, Pointer } from './library.ts';

/** Converts text to tokens and back with the tokenizer inside the model. */
export interface Vocabulary {
  readonly size: number;
  readonly bos: number;
  /** Text of the BOS token; '' if the model has none. */
  readonly bosText: string;
  /** Text of the EOS token; '' if the model has none. */
  readonly eosText: string;
  /** True: the model was trained on texts that begin with BOS. */
  readonly addsBos: boolean;
  /** Texts of the tokens that `tokenize` recognises only with `special`. Longest first, the order in which llama.cpp matches. */
  readonly controlTexts: readonly string[];
  /** The tokens that end an answer, in ascending order. */
  readonly endIds: readonly number[];
  /** @param special - True: parse special tokens in the text. @param addBos - True: put BOS first. */
  tokenize(text: string, special: boolean, addBos: boolean): number[];
  /** Text of all tokens, without the space that SentencePiece puts in front. @param special - True: write special tokens. */
  detokenize(ids: readonly number[], special: boolean): Buffer;
  /** UTF-8 bytes of a token inside a text, perhaps part of a character. Special tokens have no bytes without `special`. */
  piece(token: number, special: boolean): Buffer;
  isEnd(token: number): boolean;
}

/** The longest known token has 256 bytes (rows of spaces in code models). */
const PIECE_BYTES = 512;
/** `llama_token_attr` of llama.h: unknown (1) and control (8). */
const CONTROL_ATTRIBUTES = 1 | 8;

export function openVocabulary(llama: Library, model: Pointer): Vocabulary {
  const handle = llama.vocabulary(model) as Pointer;
  const pieces = new Map<number, Buffer>();
  const scratch = Buffer.alloc(PIECE_BYTES);

  const piece = (token: number, special: boolean): Buffer => {
    const key = token * 2 + Number(special);
    let bytes = pieces.get(key);
    if (!bytes) {
      const length = llama.tokenToPiece(handle, token, scratch, PIECE_BYTES, 0, special) as number;
      if (length < 0) throw new RangeError(`token ${token} has ${-length} bytes, more than ${PIECE_BYTES}`);
      // Not `Buffer.from`: what is kept for ever would hold the whole block of 8 KiB in which Node puts small buffers.
      bytes = Buffer.alloc(length);
      scratch.copy(bytes, 0, 0, length);
      pieces.set(key, bytes);
    }
    return bytes;
  };
  const textOf = (token: number) => (token < 0 ? '' : piece(token, true).toString('utf8'));
  const bos = llama.bos(handle) as number;
  const size = llama.vocabularySize(handle) as number;
  const eos = llama.eos(handle) as number;
  const isEnd = (token: number) => llama.isEndOfGeneration(handle, token) as boolean;
  const controlTexts: string[] = [];
  const endIds: number[] = [];
  for (let token = 0; token < size; token++) {
    const control = ((llama.tokenAttributes(handle, token) as number) & CONTROL_ATTRIBUTES) !== 0;
    if (control) controlTexts.push(textOf(token));
    if ((control || token === eos) && isEnd(token)) endIds.push(token);
  }

  return {
    size,
    bos,
    bosText: textOf(bos),
    eosText: textOf(eos),
    endIds,
    addsBos: bos >= 0 && (llama.addsBos(handle) as boolean),
    controlTexts: controlTexts
      .filter((text) => text !== '')
      .sort((one, other) => Buffer.byteLength(other) - Buffer.byteLength(one)),
    tokenize(text, special, addBos) {
      const bytes = Buffer.from(text, 'utf8');
      // A tokenizer makes at most one token per byte, and a few for the space in front.
      const ids = new Int32Array(bytes.length + 8);
      const count = llama.tokenize(handle, bytes, bytes.length, ids, ids.length, false, special) as number;
      if (count < 0) throw new RangeError(`${-count} tokens do not fit into ${ids.length}`);
      return addBos && bos >= 0 ? [bos, ...ids.subarray(0, count)] : Array.from(ids.subarray(0, count));
    },
    detokenize(ids, special) {
      const tokens = Int32Array.from(ids);
      let buffer = Buffer.alloc(tokens.length * 8 + 64);
      const write = () =>
        llama.detokenize(handle, tokens, tokens.length, buffer, buffer.length, false, special) as number;
      let length = write();
      if (length < 0) {
        buffer = Buffer.alloc(-length);
        length = write();
      }
      return buffer.subarray(0, length);
    },
    piece,
    isEnd,
  };
}
