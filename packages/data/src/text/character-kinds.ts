/** Separates words and carries no meaning of its own: spaces, punctuation, control characters, lone surrogates. */
export const SEPARATOR = 0;
/** Letters with their marks, and numbers other than ASCII digits: part of a word. */
export const LETTER = 1;
/** A symbol that carries meaning: currency, mathematics, emoji. */
export const SYMBOL = 2;
/** A character of a script without spaces, except of those that have a dictionary: `separate-words.ts` sets spaces in them. */
export const UNSPACED = 3;
/** A Hangul syllable: Korean has spaces, but its words change their endings. */
export const HANGUL = 4;

/** The permille sign is punctuation by Unicode, the per cent sign a sign by `meaning-of-sign.ts`. */
const SYMBOLS = /[\p{S}\u2030\u2031]/gu;
const LETTERS = /[\p{L}\p{M}\p{N}]+/gu;
/**
 * Ideographs and syllabaries, and the scripts of South-East Asia that set no spaces between words and have no dictionary in ICU (Unicode
 * Standard Annex 14: classes ID, SA, AK, AS). Tibetan separates syllables by a mark, which is punctuation.
 */
const UNSPACED_SCRIPTS = new RegExp(
  `[${[
    ...['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Yi', 'Nushu', 'Tangut', 'Khitan_Small_Script'],
    ...['Tai_Le', 'New_Tai_Lue', 'Tai_Tham', 'Tai_Viet', 'Ahom'],
    ...['Javanese', 'Balinese', 'Buginese', 'Batak', 'Cham', 'Makasar', 'Kawi', 'Sundanese', 'Rejang'],
  ]
    .map((script) => `\\p{Script=${script}}`)
    .join('')}ー]+`,
  'gu',
);
const SYLLABLES = /\p{Script=Hangul}+/gu;

/** Kinds of the Basic Multilingual Plane and the next one, 128 KB; made when first needed. */
let kinds: Uint8Array | null = null;
const LAST = 0x1ffff;

/** The kind of each code point up to U+1FFFF. */
export function characterKinds(): Uint8Array {
  kinds ??= makeKinds();
  return kinds;
}

/** The kind of any code point. Beyond U+1FFFF there are ideographs only. */
export function kindOf(code: number): number {
  return code > LAST ? UNSPACED : (characterKinds()[code] as number);
}

function makeKinds(): Uint8Array {
  const table = new Uint8Array(LAST + 1);
  // Blocks of 4,096 code points: no string has all of them.
  for (let first = 0; first <= LAST; first += 4096) {
    // A surrogate would join its neighbour, and is a separator.
    if (first >= 0xd000 && first < 0xe000) {
      fill(table, first, 0xd800);
      continue;
    }
    fill(table, first, first + 4096);
  }
  return table;
}

/** Fills `[from, to)`. Scripts come after the letters that they belong to; their punctuation and digits keep their kind. */
function fill(table: Uint8Array, from: number, to: number): void {
  const units = from > 0xffff ? 2 : 1;
  const text = String.fromCodePoint(...Array.from({ length: to - from }, (_, at) => from + at));
  const mark = (pattern: RegExp, kind: number, over: number) => {
    for (const { 0: run, index } of text.matchAll(pattern)) {
      const start = from + index / units;
      for (let code = start; code < start + run.length / units; code++) if (table[code] === over) table[code] = kind;
    }
  };
  mark(LETTERS, LETTER, SEPARATOR);
  mark(SYMBOLS, SYMBOL, SEPARATOR);
  mark(UNSPACED_SCRIPTS, UNSPACED, LETTER);
  mark(SYLLABLES, HANGUL, LETTER);
}
