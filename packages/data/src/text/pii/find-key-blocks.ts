import type { Pii } from './pii.ts';

const BEGIN = '-----BEGIN ';
const HEAD = /^-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** Characters that hold the longest head. */
const HEAD_CHARACTERS = 80;
/**
 * A line of a key has 64 characters or more, but for its last (RFC 7468, section 2; RFC 9580, section 6.2); half of that is no word
 * of a sentence (chosen).
 */
const LINE = /[A-Za-z0-9+/=]{32}/;
/** A key of one short word, as it stands in tests of software. */
const WORD = /^\s*[A-Za-z0-9+/=]+\s*$/;
/** What follows a head: its own headers (RFC 1421, section 4.6), */
const HEADERS = /^(?:\s{1,8}[A-Za-z-]{1,40}: [^\n]{1,200}(?=\n)){0,8}/;
/** lines, with what a language of programs puts between them, one at a time: a pattern of many overflows the stack, */
const NEXT_LINE = /[^A-Za-z0-9+/=]{1,40}[A-Za-z0-9+/=]{32}[A-Za-z0-9+/=]*/y;
/** and a last, shorter line, where it stands alone. */
const LAST_LINE = /\r?\n[ \t]{0,40}[A-Za-z0-9+/=]{1,31}(?=[ \t\r]{0,8}(?:\n|$))/y;

/**
 * Private keys in blocks (PEM, OpenPGP), from head to end; where the end was cut off, to the last line of the key. A head that no
 * key follows is talk about keys.
 */
export function findKeyBlocks(text: string): Pii[] {
  const found: Pii[] = [];
  for (let from = text.indexOf(BEGIN); from !== -1; ) {
    const next = text.indexOf(BEGIN, from + 1);
    const head = HEAD.exec(text.slice(from, from + HEAD_CHARACTERS))?.[0];
    if (head !== undefined) {
      const start = from + head.length;
      const characters = keyCharacters(text.slice(start, next === -1 ? text.length : next));
      if (characters > 0) found.push({ kind: 'secret', from, to: start + characters });
    }
    from = next;
  }
  return found;
}

/** How much of what follows a head is its key; 0: nothing. */
function keyCharacters(body: string): number {
  const end = END.exec(body);
  const key = body.slice(0, end?.index ?? 0);
  return end !== null && (LINE.test(key) || WORD.test(key)) ? end.index + end[0].length : lineCharacters(body);
}

/** How much of it is lines of a key, though no end follows. */
function lineCharacters(body: string): number {
  let to = 0;
  NEXT_LINE.lastIndex = HEADERS.exec(body)?.[0].length ?? 0;
  while (NEXT_LINE.test(body)) to = NEXT_LINE.lastIndex;
  if (to === 0) return 0;
  LAST_LINE.lastIndex = to;
  return LAST_LINE.test(body) ? LAST_LINE.lastIndex : to;
}
