import { count, make, percent, sized } from './make-element.js';
import { pieces } from './shown-text.js';

/** Tokens drawn at first: more are slow in browsers (chosen). */
const SHOWN_TOKENS = 4000;

/** A row as training reads it: trained tokens, context, and special tokens of the template. */
export function tokenView({ tokens, trained, special, reason }) {
  const refusal =
    reason !== null &&
    make('p', { class: 'refused', role: 'alert' }, make('b', {}, 'Training learns nothing from this row. '), reason);
  if (tokens.length === 0) return [refusal];
  const share = trained / tokens.length;
  const drawn = make(
    'div',
    { class: reason === null ? 'tokens' : 'tokens lost', dir: 'ltr' },
    tokens.slice(0, SHOWN_TOKENS).map(drawToken),
  );
  return [
    refusal,
    make(
      'p',
      { class: 'summary', role: 'status' },
      make('b', {}, `${count(tokens.length)} tokens`),
      ` · ${count(trained)} ${reason === null ? 'trained' : 'would be trained'} (${percent(share)}) · ${count(tokens.length - trained)} context · ${count(special)} special`,
    ),
    make('div', { class: 'share', 'aria-hidden': 'true' }, sized(make('i', {}), '--share', share)),
    make(
      'p',
      { class: 'legend soft' },
      make('span', { class: 'token trained' }, 'trained: counts in the loss'),
      make('span', { class: 'token' }, 'context: read, not trained'),
      make('span', { class: 'token special' }, 'special'),
      make('span', { class: 'token partial' }, '· part of a character'),
    ),
    drawn,
    tokens.length > SHOWN_TOKENS && restButton(drawn, tokens),
  ].filter(Boolean);
}

function drawToken({ id, text, trained, special }) {
  const kinds = ['token', trained && 'trained', special && 'special', text === '' && 'partial'].filter(Boolean);
  const title = `${id}${trained ? ', trained' : ''}${special ? ', special' : ''}`;
  // A line feed is drawn as a sign before the break, so that its token can be seen.
  const lines = text.split('\n').flatMap((line, at) => (at === 0 ? pieces(line) : ['↵\n', ...pieces(line)]));
  return make('span', { class: kinds.join(' '), title }, text === '' ? '·' : lines);
}

function restButton(drawn, tokens) {
  const rest = tokens.length - SHOWN_TOKENS;
  const show = (event) => {
    event.target.remove();
    drawn.append(...tokens.slice(SHOWN_TOKENS).map(drawToken));
  };
  return make('button', { type: 'button', class: 'link', click: show }, `show the other ${count(rest)} tokens`);
}
