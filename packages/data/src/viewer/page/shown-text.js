import { make } from './make-element.js';

/**
 * What a reader could not see, or what would turn the text around it: controls, marks of direction, zero width, tags, and
 * halves of characters. Line feed and tab are text; joiners (U+200C, U+200D) hold words and emoji together.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** A row's text as it is, in its own direction, with what cannot be seen made visible. */
export function shownText(text) {
  return make('bdi', { dir: 'auto' }, ...pieces(String(text)));
}

export function pieces(text) {
  const shown = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (index > from) shown.push(text.slice(from, index));
    shown.push(chip(character.codePointAt(0)));
    from = index + character.length;
  }
  if (from < text.length) shown.push(text.slice(from));
  return shown;
}

/** ASCII's names of U+0000 to U+001F; most fonts lack the pictures that Unicode has for them. */
const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

function chip(code) {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return make('span', { class: 'unseen', title: name }, CONTROLS[code] ?? name);
}
