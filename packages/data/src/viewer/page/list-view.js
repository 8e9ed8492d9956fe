import { go } from './address.js';
import { count, make } from './make-element.js';
import { shownText } from './shown-text.js';

/** Fields of a row that are shown as badges, in this order. */
const BADGES = ['domain', 'difficulty', 'language', 'source', 'benchmark'];

/** Fields that badges show already, for a row without text. */
const BADGED = new Set([...BADGES, 'score', 'reason', 'reasons']);

/** One page of rows, the progress of the scan, and links to the other pages. */
export function listView(answer, place, filtered) {
  return [
    summary(answer, place, filtered),
    make(
      'ol',
      { class: 'rows' },
      answer.rows.map((row) => make('li', {}, rowButton(row, place))),
    ),
    pager(answer, place),
  ];
}

function summary({ rows, looked, total, next }, place, filtered) {
  const from = Number(place.from ?? 0);
  const what = filtered
    ? `${count(rows.length)} found, ${count(looked)} of ${count(total)} rows searched`
    : total === 0
      ? 'No rows.'
      : `Rows ${count(from + 1)} to ${count(from + rows.length)} of ${count(total)}`;
  const stopped = filtered && next !== null && rows.length < 50;
  return make(
    'p',
    { class: 'soft summary', role: 'status' },
    what,
    stopped && ' (stopped at the time limit; the next page continues)',
  );
}

function pager({ next }, place) {
  const before = place.before === undefined ? [] : place.before.split('.');
  const back = () => go({ before: before.slice(0, -1).join('.'), from: before.at(-1), line: '' });
  const on = () => go({ before: [...before, place.from ?? 0].join('.'), from: next, line: '' });
  return make(
    'p',
    { class: 'pager' },
    make('button', { id: 'previous', type: 'button', disabled: before.length === 0, click: back }, '← Previous'),
    make('button', { id: 'next', type: 'button', disabled: next === null, click: on }, 'Next →'),
  );
}

function rowButton({ line, bytes, fields, unreadable }, place) {
  const open = () => go({ line });
  const current = place.line === String(line) ? 'true' : null;
  const content =
    unreadable === null
      ? [...texts(fields), make('span', { class: 'badges' }, badges(fields, bytes))]
      : [make('span', { class: 'refusal' }, shownText(unreadable))];
  return make(
    'button',
    { type: 'button', class: 'row', 'data-line': line, 'aria-current': current, click: open },
    content,
  );
}

/** The beginning of a row's texts. */
export function texts(fields) {
  const { question, answer, text } = fields;
  if (typeof question === 'string' || typeof answer === 'string') {
    return [
      make('span', { class: 'question' }, shownText(question ?? '')),
      make('span', { class: 'answer' }, shownText(answer ?? '')),
    ];
  }
  if (typeof text === 'string' && fields.question_id === undefined)
    return [make('span', { class: 'answer' }, shownText(text))];
  const others = Object.entries(fields).filter(([name]) => !BADGED.has(name));
  const inWords = others.map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [make('span', { class: 'answer' }, shownText(inWords.join(' · ').slice(0, 400)))];
}

export function badges(fields, bytes = 0) {
  const badge = (text, kind = '') =>
    make('span', { class: `badge ${kind}`.trim() }, shownText(String(text).slice(0, 80)));
  const reasons = [fields.reason, fields.reasons].flat().filter((reason) => typeof reason === 'string');
  return [
    typeof fields.score === 'number' && badge(fields.score.toFixed(2), 'score'),
    typeof fields.similarity === 'number' &&
      badge(`${(100 * fields.similarity).toFixed(1)}% like ${fields.canonical}`, 'rejected'),
    ...BADGES.filter((name) => typeof fields[name] === 'string').map((name) => badge(fields[name])),
    Array.isArray(fields.history) && fields.history.length > 0 && badge(`${fields.history.length} earlier turns`),
    Array.isArray(fields.steps) && fields.steps.length > 0 && badge(`${fields.steps.length} steps`),
    ...reasons.map((reason) => badge(reason, 'rejected')),
    bytes > 20_000 && badge(`${count(Math.round(bytes / 1000))} KB`),
  ];
}
