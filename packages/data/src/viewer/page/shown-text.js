import { make } from './make-element.js';

/**
 * Characters that are invisible or change the direction of text: controls, direction marks, zero-width characters, tags and lone
 * surrogates. Line feed and tab count as text; joiners (U+200C, U+200D) keep words and emoji together.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression searches for them.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** A text in its own direction, with invisible characters made visible. */
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

/** ASCII names of U+0000 to U+001F; most fonts lack the Unicode symbols for them. */
const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

function chip(code) {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return make('span', { class: 'unseen', title: name }, CONTROLS[code] ?? name);
}
