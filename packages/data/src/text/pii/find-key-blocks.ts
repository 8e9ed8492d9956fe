import type { Pii } from './pii.ts';

const BEGIN = '-----BEGIN ';
const HEAD = /^-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** Characters that contain the longest header line. */
const HEAD_CHARACTERS = 80;
/**
 * Every line of a key but the last has 64 or more characters (RFC 7468, section 2; RFC 9580, section 6.2). Half of that already rules
 * out a word of a sentence (chosen).
 */
const LINE = /[A-Za-z0-9+/=]{32}/;
/** A key of one short word, as in software tests. */
const WORD = /^\s*[A-Za-z0-9+/=]+\s*$/;
/** After the header line: its own headers (RFC 1421, section 4.6), */
const HEADERS = /^(?:\s{1,8}[A-Za-z-]{1,40}: [^\n]{1,200}(?=\n)){0,8}/;
/** then lines, with the separators of programming languages, matched one by one because one pattern for many overflows the stack, */
const NEXT_LINE = /[^A-Za-z0-9+/=]{1,40}[A-Za-z0-9+/=]{32}[A-Za-z0-9+/=]*/y;
/** and a last, shorter line. */
const LAST_LINE = /\r?\n[ \t]{0,40}[A-Za-z0-9+/=]{1,31}(?=[ \t\r]{0,8}(?:\n|$))/y;

/**
 * Finds blocks of private keys (PEM, OpenPGP) from header to footer; without a footer, up to the last line of the key. A header that no
 * key follows is ignored: the text only mentions keys.
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

/** Characters of the key that follow a header; 0 if none do. */
function keyCharacters(body: string): number {
  const end = END.exec(body);
  const key = body.slice(0, end?.index ?? 0);
  return end !== null && (LINE.test(key) || WORD.test(key)) ? end.index + end[0].length : lineCharacters(body);
}

/** Characters of key lines without a footer. */
function lineCharacters(body: string): number {
  let to = 0;
  NEXT_LINE.lastIndex = HEADERS.exec(body)?.[0].length ?? 0;
  while (NEXT_LINE.test(body)) to = NEXT_LINE.lastIndex;
  if (to === 0) return 0;
  LAST_LINE.lastIndex = to;
  return LAST_LINE.test(body) ? LAST_LINE.lastIndex : to;
}
