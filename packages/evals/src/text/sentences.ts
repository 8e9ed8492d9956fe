import { PYTHON_SPACE, trailingSpace } from '../scoring/python-text.ts';
import { isLower, isUpper } from './python-case.ts';

/** What a text of a language taught about its words (Kiss & Strunk 2006), in the form in which NLTK publishes it as `punkt_tab`. */
export interface PunktParameters {
  /** In small letters, without the last full stop. */
  readonly abbreviations: ReadonlySet<string>;
  /** Pairs of words, joined by a tab, between which no sentence ends. */
  readonly collocations: ReadonlySet<string>;
  readonly starters: ReadonlySet<string>;
  /** Where a word was seen with which case, as bits (`SEEN`). */
  readonly context: ReadonlyMap<string, number>;
}

/** Bits of `PunktParameters.context`. */
const SEEN = {
  /** Capital: at the beginning of a sentence, in its middle, or either. */
  capitalInside: 1 << 2,
  capital: (1 << 1) | (1 << 2) | (1 << 3),
  smallFirst: 1 << 4,
  small: (1 << 4) | (1 << 5) | (1 << 6),
} as const;

const S = `[${PYTHON_SPACE}]`;
const NOT_S = `[^${PYTHON_SPACE}]`;
const QUOTES = '\\u2018\\u2019\\u201c\\u201d\\xab\\xbb';
/** What cannot be inside a word. */
const OUTSIDE = `[)";}\\]*:@'({[${QUOTES}?!]`;
const DASHES_AND_DOTS = `(?:-{2,}|\\.{2,}|(?:\\.${S}){2,}\\.)`;
/** An end of a sentence that is possible, with what follows it. */
const END = new RegExp(`[.?!](?=(?<behind>${OUTSIDE}|${S}+(?<next>${NOT_S}+)))`, 'gu');
const TOKEN = new RegExp(
  `${DASHES_AND_DOTS}|(?=[^("\`{[:;&#*@)}\\]\\-,])${NOT_S}+?(?=${S}|$|${OUTSIDE}|${DASHES_AND_DOTS}|,(?=$|${S}|${OUTSIDE}|${DASHES_AND_DOTS}))|${NOT_S}`,
  'gu',
);
/** Closing signs that belong to the sentence before. */
const CLOSING = new RegExp(`^["')\\]}${QUOTES}]+?(?:${S}+|(?=--)|(?=\\n|$))`, 'u');

/** The sentences of a text as NLTK 3.10's Punkt divides it. */
export function sentences(text: string, parameters: PunktParameters): string[] {
  const spans: [from: number, to: number][] = [];
  let from = 0;
  for (const { at, next, context } of possibleEnds(text)) {
    if (!endsInside(context, parameters)) continue;
    spans.push([from, at + 1]);
    from = next ?? at + 1;
  }
  spans.push([from, text.length - trailingSpace(text).length]);
  return alignClosing(text, spans);
}

interface PossibleEnd {
  /** Place of the sign. */
  readonly at: number;
  /** Place of the next word, if only space is between. */
  readonly next: number | null;
  /** The word before, the sign, and what follows. */
  readonly context: string;
}

/** Of several signs behind one word, such as `!!!`, the last. */
function possibleEnds(text: string): PossibleEnd[] {
  const found: PossibleEnd[] = [];
  let word: [from: number, to: number] = [0, 0];
  let last: PossibleEnd | null = null;
  for (const match of text.matchAll(END)) {
    const at = match.index;
    const { behind = '', next } = match.groups ?? {};
    const space = lastSpace(text.slice(word[1], at));
    const from = space > 0 ? word[1] + space + 1 : word[0];
    if (last && word[1] <= from) found.push(last);
    word = [from, at];
    last = {
      at,
      next: next === undefined ? null : at + 1 + behind.length - next.length,
      context: text.slice(from, at + 1) + behind,
    };
  }
  return last ? [...found, last] : found;
}

/** Place of the last space of ASCII; 0 if there is none. */
function lastSpace(text: string): number {
  return Math.max(0, ...[...' \t\n\r\v\f'].map((space) => text.lastIndexOf(space)));
}

interface Token {
  readonly text: string;
  /** In small letters; a number is `##number##`. */
  readonly type: string;
  ends: boolean;
  abbreviates: boolean;
  ellipsis: boolean;
}

/** Whether a sentence ends in a text before its last token. */
function endsInside(text: string, parameters: PunktParameters): boolean {
  const tokens = text
    .split('\n')
    .flatMap((line) => line.match(TOKEN) ?? [])
    .map((token) => readToken(token, parameters));
  for (const [at, token] of tokens.slice(0, -1).entries()) {
    weigh(token, tokens[at + 1] as Token, parameters);
    if (token.ends) return true;
  }
  return false;
}

function readToken(text: string, { abbreviations }: PunktParameters): Token {
  const type = text.toLowerCase().replace(/^-?[.,]?\p{Nd}[\p{Nd},.-]*\.?(?=\n?$)/u, '##number##');
  const token: Token = { text, type, ends: false, abbreviates: false, ellipsis: false };
  if (text === '.' || text === '?' || text === '!') token.ends = true;
  else if (/^\.\.+\n?$/.test(text)) token.ellipsis = true;
  else if (text.endsWith('.') && !text.endsWith('..')) {
    const word = text.slice(0, -1).toLowerCase();
    if (abbreviations.has(word) || abbreviations.has(word.split('-').at(-1) as string)) token.abbreviates = true;
    else token.ends = true;
  }
  return token;
}

/** Changes whether a sentence ends behind a token, by the token that follows. */
function weigh(token: Token, next: Token, { collocations, starters, context }: PunktParameters): void {
  if (!token.text.endsWith('.')) return;
  const type = withoutStop(token.type);
  const nextType = next.ends ? withoutStop(next.type) : next.type;
  const initial = /^[\p{L}_]\.\n?$/u.test(token.text);
  if (collocations.has(`${type}\t${nextType}`)) {
    token.ends = false;
    token.abbreviates = true;
    return;
  }
  const seen = context.get(nextType) ?? 0;
  const first = [...next.text][0] as string;
  const starts = startsSentence(next, seen);
  if ((token.abbreviates || token.ellipsis) && !initial) {
    if (starts === true || (isUpper(first) && starters.has(nextType))) {
      token.ends = true;
      return;
    }
  }
  if (!initial && type !== '##number##') return;
  if (starts === false || (starts === null && initial && isUpper(first) && !(seen & SEEN.small))) {
    token.ends = false;
    token.abbreviates = true;
  }
}

/** Whether a word begins a sentence, by the case in which it was seen; null: unknown. */
function startsSentence({ text }: Token, seen: number): boolean | null {
  if (/^[;:,.!?]$/.test(text)) return false;
  const first = [...text][0] as string;
  if (isUpper(first) && seen & SEEN.small && !(seen & SEEN.capitalInside)) return true;
  if (isLower(first) && (seen & SEEN.capital || !(seen & SEEN.smallFirst))) return false;
  return null;
}

const withoutStop = (type: string) => (type.length > 1 && type.endsWith('.') ? type.slice(0, -1) : type);

function alignClosing(text: string, spans: readonly (readonly [number, number])[]): string[] {
  const found: string[] = [];
  let moved = 0;
  for (const [at, [from, to]] of spans.entries()) {
    const next = spans[at + 1];
    const closing = next ? CLOSING.exec(text.slice(next[0], next[1]))?.[0] : undefined;
    const end = next && closing !== undefined ? next[0] + closing.length - trailingSpace(closing).length : to;
    const sentence = text.slice(from + moved, end);
    if (sentence !== '' || closing !== undefined) found.push(sentence);
    moved = closing?.length ?? 0;
  }
  return found;
}
