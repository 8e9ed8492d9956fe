/** ASCII signs that may carry meaning: all but space, comma, double quote, question mark, backtick, underscore and braces. */
export const SIGNS = "!#$%&'()*+-./:;<=>@[\\]^|~";

const code = (sign: string): number => sign.charCodeAt(0);
const [BANG, HASH, PERCENT, APOSTROPHE] = ['!', '#', '%', "'"].map(code) as [number, number, number, number];
const [OPEN, CLOSE, STAR, PLUS, MINUS, DOT, SLASH] = ['(', ')', '*', '+', '-', '.', '/'].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const [COLON, SEMICOLON, GREATER, EQUALS, AT] = [':', ';', '>', '=', '@'].map(code) as [
  number,
  number,
  number,
  number,
  number,
];
const [OPEN_SQUARE, BACKSLASH, CLOSE_SQUARE, CARET] = ['[', '\\', ']', '^'].map(code) as [
  number,
  number,
  number,
  number,
];
const MOUTHS = table('()[]{}DPp/|*3<>oO');
const OPERATORS = table('+*/^=<>%|&~');
const QUOTES = table('"\'`');

/** Before a space these never carry meaning, and an apostrophe only before a bracket. */
const PLAIN_BEFORE_SPACE = table(".:;'[@");

/** A quick answer for most signs of a prose text; `carriesMeaning` decides. */
export function mayCarryMeaning(sign: number, next: number): boolean {
  if (next <= 32) return PLAIN_BEFORE_SPACE[sign] === 0;
  return sign !== APOSTROPHE || next === OPEN;
}

/**
 * Whether a sign carries meaning where it stands, or is punctuation or formatting, which duplicates may write differently: the full stop
 * of a sentence, brackets of a remark, the hyphen of a compound, bullets, headings, emphasis and quotations of Markdown.
 *
 * `+ < = > ^ | & % $ ~` always carry meaning. The others need their neighbours: a minus sign before a number or between operands, a
 * point in a number or before a name (`.NET`), `#` behind or before a name (`C#`, `#5`), the bracket of a group that an operator
 * touches, the mouth of an emoticon. Chosen by reading; in doubt a sign is punctuation. Looks at most six characters away.
 *
 * @param bytes - UTF-8; `bytes[at]` is one of `SIGNS`, the text is `[from, to)`.
 */
export function carriesMeaning(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  const before = at > from ? (bytes[at - 1] as number) : 0;
  const after = at + 1 < to ? (bytes[at + 1] as number) : 0;
  const sign = bytes[at] as number;
  switch (sign) {
    case DOT:
      return (isDigit(before) && isDigit(after)) || (isWord(after) && startsWord(before));
    case MINUS:
      return isMinus(bytes, at, from, to);
    case SLASH:
      return isBetweenOperands(bytes, at, from, to) || (before <= 32 && after <= 32 && before !== after);
    case OPEN:
      return isMouth(bytes, at, from) || opensGroup(bytes, at, from, to);
    case CLOSE:
      return isMouth(bytes, at, from) || OPERATORS[skipSpace(bytes, at, 1, from, to)] === 1;
    case OPEN_SQUARE:
      return isMouth(bytes, at, from) || isDigit(after) || (after === MINUS && isDigit(bytes[at + 2] as number));
    case CLOSE_SQUARE:
      return isMouth(bytes, at, from) || isDigit(before);
    case COLON:
    case SEMICOLON:
      return (isDigit(before) && isDigit(after)) || isEyes(bytes, at, from, to);
    case BANG:
      return after === EQUALS || after === OPEN || isWord(after) || isFactorial(bytes, at, from, to);
    case HASH:
      return isWord(before) !== isWord(after);
    case AT:
      return isWord(after);
    case STAR:
      return isProduct(bytes, at, from, to);
    case APOSTROPHE:
      return after === OPEN && isOperandBefore(bytes, at, from);
    case BACKSLASH:
      return before === 32 && after === 32;
    case PLUS:
    case GREATER:
      // A bullet or a quotation of Markdown.
      return !(after === 32 && startsLine(bytes, at, from));
    default:
      return true;
  }
}

function isMinus(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  const before = at > from ? (bytes[at - 1] as number) : 0;
  const after = at + 1 < to ? (bytes[at + 1] as number) : 0;
  // An option of a command: `--all`.
  const name = after === MINUS ? (bytes[at + 2] as number) : after;
  if (startsWord(before) && (isWord(name) || (after === DOT && isDigit(bytes[at + 2] as number)))) return true;
  return isBetweenOperands(bytes, at, from, to);
}

/** Numbers, brackets and names of one letter on both sides, with or without a space. */
function isBetweenOperands(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  const spaced = bytes[at - 1] === 32 && bytes[at + 1] === 32;
  const left = spaced ? at - 1 : at;
  const right = spaced ? at + 2 : at + 1;
  if (!isOperandBefore(bytes, left, from) || right >= to) return false;
  const next = bytes[right] as number;
  if (isDigit(next) || next === OPEN) return true;
  return isWord(next) && !isWord(right + 1 < to ? (bytes[right + 1] as number) : 0);
}

/** A number, a closing bracket or a name of one letter ends before `at`. */
function isOperandBefore(bytes: Uint8Array, at: number, from: number): boolean {
  if (at <= from) return false;
  const last = bytes[at - 1] as number;
  if (isDigit(last) || last === CLOSE || last === CLOSE_SQUARE || last === PERCENT) return true;
  return isWord(last) && !isWord(at - 2 >= from ? (bytes[at - 2] as number) : 0);
}

/** `2 * 3`, `a*b`, `2**3`, `SELECT * FROM`; not emphasis, which touches a word on one side only, nor a bullet. */
function isProduct(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  let left = at - 1;
  let right = at + 1;
  while (left >= from && at - left < 3 && bytes[left] === STAR) left--;
  while (right < to && right - at < 3 && bytes[right] === STAR) right++;
  const before = left >= from ? (bytes[left] as number) : 0;
  const after = right < to ? (bytes[right] as number) : 0;
  if (before === 32 && after === 32) return !startsLine(bytes, at, from);
  return (isWord(before) || before === CLOSE || before === CLOSE_SQUARE) && (isWord(after) || after === OPEN);
}

/** An operator comes before the bracket. */
function opensGroup(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  const before = skipSpace(bytes, at, -1, from, to);
  if (before !== MINUS) return OPERATORS[before] === 1;
  return isMinus(bytes, bytes[at - 1] === 32 ? at - 2 : at - 1, from, to);
}

/** The next character in a direction; that behind a space if it is one. */
function skipSpace(bytes: Uint8Array, at: number, step: 1 | -1, from: number, to: number): number {
  let place = at + step;
  if (place >= from && place < to && bytes[place] === 32) place += step;
  return place >= from && place < to ? (bytes[place] as number) : 0;
}

/** `5! = 120`: an operator follows. */
function isFactorial(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  if (!isOperandBefore(bytes, at, from)) return false;
  const next = skipSpace(bytes, at, 1, from, to);
  return OPERATORS[next] === 1 || next === CLOSE || next === MINUS;
}

/** The eyes of an emoticon such as `:)`, `;-)` or `:'(`, after a space. */
function isEyes(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  if (at > from && (bytes[at - 1] as number) > 32) return false;
  const next = at + 1 < to ? (bytes[at + 1] as number) : 0;
  const nose = next === MINUS || next === APOSTROPHE || next === CARET;
  return MOUTHS[nose ? ((at + 2 < to ? bytes[at + 2] : 0) as number) : next] === 1;
}

/** The mouth of an emoticon. */
function isMouth(bytes: Uint8Array, at: number, from: number): boolean {
  if (at <= from) return false;
  const before = bytes[at - 1] as number;
  const nose = before === MINUS || before === APOSTROPHE || before === CARET;
  const eyes = nose ? at - 2 : at - 1;
  if (eyes < from) return false;
  const sign = bytes[eyes] as number;
  return (
    (sign === COLON || sign === SEMICOLON || sign === EQUALS) && (eyes === from || (bytes[eyes - 1] as number) <= 32)
  );
}

/** Only spaces stand before it in its line: at most six. */
function startsLine(bytes: Uint8Array, at: number, from: number): boolean {
  for (let place = at - 1; place >= from; place--) {
    if (bytes[place] === 10) return true;
    if (bytes[place] !== 32 || at - place > 6) return false;
  }
  return true;
}

/** A word, a number or a name may start behind this character. */
function startsWord(before: number): boolean {
  return (
    before <= 32 ||
    before === OPEN ||
    before === OPEN_SQUARE ||
    OPERATORS[before] === 1 ||
    QUOTES[before] === 1 ||
    before === 0x2c
  );
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** ASCII letters and digits; any byte of another letter. */
function isWord(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte >= 0x80;
}

function table(signs: string): Uint8Array {
  const marks = new Uint8Array(256);
  for (const sign of signs) marks[code(sign)] = 1;
  return marks;
}
