import type { Library, Pointer } from './library.ts';

/** Text to tokens and back, by the tokenizer inside the model. */
export interface Vocabulary {
  readonly size: number;
  readonly bos: number;
  /** Text of special tokens, '' when there is none. */
  readonly bosText: string;
  readonly eosText: string;
  /** Names that `tokenize` takes for tokens only where `special` is given; the longest first, as llama.cpp looks for them. */
  readonly controlTexts: readonly string[];
  /** @param special - Whether names of special tokens in the text count as such. @param addBos - BOS first. */
  tokenize(text: string, special: boolean, addBos: boolean): number[];
  /** Text of the whole, without the space that SentencePiece puts before a text. */
  detokenize(ids: readonly number[], special: boolean): Buffer;
  /** Bytes of a token in the middle of a text, maybe part of a character; special tokens have none unless asked for. */
  piece(token: number, special: boolean): Buffer;
  isEnd(token: number): boolean;
}

/** Bytes of the longest token known are 256 (rows of spaces in code models). */
const PIECE_BYTES = 512;
/** `llama_token_attr` of llama.h: unknown (1) and control (8). */
const CONTROL_ATTRIBUTES = 1 | 8;

export function openVocabulary(llama: Library, model: Pointer): Vocabulary {
  const handle = llama.vocabulary(model) as Pointer;
  const pieces = new Map<number, Buffer>();

  const piece = (token: number, special: boolean): Buffer => {
    const key = token * 2 + Number(special);
    let bytes = pieces.get(key);
    if (!bytes) {
      const room = Buffer.alloc(PIECE_BYTES);
      const length = llama.tokenToPiece(handle, token, room, room.length, 0, special) as number;
      if (length < 0) throw new RangeError(`token ${token} has ${-length} bytes, more than ${PIECE_BYTES}`);
      bytes = Buffer.from(room.subarray(0, length));
      pieces.set(key, bytes);
    }
    return bytes;
  };
  const textOf = (token: number) => (token < 0 ? '' : piece(token, true).toString('utf8'));
  const bos = llama.bos(handle) as number;
  const size = llama.vocabularySize(handle) as number;
  const controlTexts: string[] = [];
  for (let token = 0; token < size; token++) {
    if (((llama.tokenAttributes(handle, token) as number) & CONTROL_ATTRIBUTES) !== 0) controlTexts.push(textOf(token));
  }

  return {
    size,
    bos,
    bosText: textOf(bos),
    eosText: textOf(llama.eos(handle) as number),
    controlTexts: controlTexts
      .filter((text) => text !== '')
      .sort((one, other) => Buffer.byteLength(other) - Buffer.byteLength(one)),
    tokenize(text, special, addBos) {
      const bytes = Buffer.from(text, 'utf8');
      // No tokenizer makes more tokens than bytes, but for the space in front.
      const ids = new Int32Array(bytes.length + 8);
      const count = llama.tokenize(handle, bytes, bytes.length, ids, ids.length, false, special) as number;
      if (count < 0) throw new RangeError(`${-count} tokens do not fit into ${ids.length}`);
      return addBos && bos >= 0 ? [bos, ...ids.subarray(0, count)] : Array.from(ids.subarray(0, count));
    },
    detokenize(ids, special) {
      const tokens = Int32Array.from(ids);
      let room = Buffer.alloc(tokens.length * 8 + 64);
      const write = () => llama.detokenize(handle, tokens, tokens.length, room, room.length, false, special) as number;
      let length = write();
      if (length < 0) {
        room = Buffer.alloc(-length);
        length = write();
      }
      return room.subarray(0, length);
    },
    piece,
    isEnd: (token) => llama.isEndOfGeneration(handle, token) as boolean,
  };
}
