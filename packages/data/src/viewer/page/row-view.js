import { FROM_START, go, NO_FILTERS } from './address.js';
import { badges } from './list-view.js';
import { make } from './make-element.js';
import { shownText } from './shown-text.js';

/** Fields shown as the conversation; all others are listed below it. */
const CONVERSATION = ['history', 'question', 'steps', 'reasoning', 'answer'];

/** Fields about the origin and rights of a row, in this order. */
const ORIGIN = ['question_id', 'reason', 'detail', 'source', 'licence', 'terms', 'teacher', 'hash'];

/** Views of an open row; the keys 1, 2 and 3 open them. */
export const VIEWS = [
  ['', 'Conversation'],
  ['tokens', 'Tokens'],
  ['canonical', 'Canonical'],
];

/** The head of an open row: its id, the tabs of its views, and the close button. */
export function rowHead(row, place) {
  const views = VIEWS.filter(([view]) => view !== 'canonical' || typeof row.fields.canonical === 'string');
  const tab = ([view, name]) => {
    const selected = (place.view ?? '') === view;
    const open = () => go({ view });
    return make('button', { type: 'button', role: 'tab', 'aria-selected': String(selected), click: open }, name);
  };
  const close = make(
    'button',
    { type: 'button', class: 'close', 'aria-label': 'Close', click: () => go({ line: '', view: '' }) },
    '×',
  );
  const name = row.fields.question_id ?? `line ${row.line + 1}`;
  return make(
    'header',
    {},
    make('div', { class: 'name' }, make('h2', {}, shownText(name)), close),
    make('p', { class: 'badges' }, badges(row.fields, row.bytes)),
    make('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' }, views.map(tab)),
  );
}

/** The whole conversation, then all other fields of the row. */
export function conversationView({ fields, unreadable, line, textFrom }) {
  if (unreadable !== null) return [make('p', { class: 'refused' }, shownText(unreadable))];
  const turns = turnsOf(fields).map(({ role, content, learned, reasoning }) =>
    make(
      'div',
      { class: `turn ${role === 'assistant' ? 'assistant' : ''}` },
      make('h3', {}, shownText(role), !learned && make('span', { class: 'soft' }, ' · not learned')),
      reasoning !== null && make('div', { class: 'said soft reasoning' }, shownText(reasoning)),
      make('div', { class: 'said' }, shownText(content)),
    ),
  );
  const shown = fields.question_id === undefined ? [...CONVERSATION, 'text'] : CONVERSATION;
  const names = Object.keys(fields).filter((name) => !shown.includes(name));
  names.sort((left, right) => rank(left, fields) - rank(right, fields));
  return [
    ...turns,
    textFrom !== null && make('p', { class: 'soft' }, 'This line has no text; the text comes from an earlier stage.'),
    typeof fields.question_id === 'string' && make('h3', {}, 'History'),
    make('div', { id: 'trace' }),
    make('div', { id: 'score' }),
    make('h3', {}, 'All fields'),
    make(
      'dl',
      { class: 'fields' },
      field('place', `line ${line + 1}`),
      names.map((name) => field(name, fields[name])),
    ),
  ].filter(Boolean);
}

/** Sort key of a field: origin and rights first, null values last, all others between in their own order. */
function rank(name, fields) {
  if (fields[name] === null) return ORIGIN.length + 1;
  const at = ORIGIN.indexOf(name);
  return at === -1 ? ORIGIN.length : at;
}

/** The parts of the score, computed from the row's text as `curate` does. */
export function scoreParts(explanation) {
  if (explanation === null) return [];
  const lines = explanation.parts.map(({ name, weight, value, reasons }) =>
    make(
      'div',
      { class: 'part' },
      make('span', {}, name, make('span', { class: 'soft' }, ` × ${weight}`)),
      make('progress', { max: 1, value, 'aria-hidden': 'true' }),
      make('span', { class: 'number' }, value.toFixed(3)),
      make('span', { class: 'soft' }, reasons.join('; ')),
    ),
  );
  return [make('h3', {}, `Score ${explanation.score.toFixed(4)}`), ...lines];
}

function turnsOf({ question_id, history, question, steps, answer, reasoning, text }) {
  const turn = (role, said, { train = true, reasoning: own = null } = {}) => ({
    role: String(role),
    content: inWords(said),
    learned: train !== false,
    reasoning: own === null || own === '' ? null : inWords(own),
  });
  const given = (turns) =>
    (Array.isArray(turns) ? turns : [])
      .filter((one) => typeof one === 'object' && one !== null)
      .map((one) => turn(one.role, one.content, one));
  return [
    ...given(history),
    ...(question === undefined ? [] : [turn('user', question)]),
    ...given(steps),
    ...(answer === undefined ? [] : [turn('assistant', answer, { reasoning })]),
    ...(text === undefined || question_id !== undefined ? [] : [turn('text', text)]),
  ];
}

const inWords = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 1));

function field(name, value) {
  return make('div', {}, make('dt', {}, shownText(name)), make('dd', {}, fieldValue(value)));
}

/** A field's value; an object that fits one line is shown in one. */
function fieldValue(value) {
  if (value === null) return make('span', { class: 'soft' }, 'not known');
  if (typeof value !== 'object') return shownText(value);
  const line = JSON.stringify(value);
  return make('pre', {}, shownText(line.length < 100 ? line : JSON.stringify(value, null, 1)));
}

/** The files in which the row was found, each as a link. */
export function traceView(occurrences, sets, place) {
  const steps = occurrences.map(({ set, file, line, role, score, reasons }) => {
    const current = place.set === String(set) && place.file === file && place.line === String(line);
    const open = () => go({ ...NO_FILTERS, ...FROM_START, set, file, from: line, line });
    const notes = [score === null ? null : `score ${score.toFixed(2)}`, ...reasons].filter(Boolean).join(', ');
    return make(
      'li',
      { class: role },
      make(
        'button',
        { type: 'button', class: 'link', 'aria-current': current ? 'true' : null, click: open },
        `${sets[set].name}/${file}`,
      ),
      make('span', { class: 'soft' }, ` line ${line + 1}${notes && ', '}`, shownText(notes)),
    );
  });
  return make('ol', { class: 'trace' }, steps);
}
