import { FROM_START, go, NO_FILTERS } from './address.js';
import { count, make } from './make-element.js';
import { shownText } from './shown-text.js';

/** Delay after the last key before the server searches (chosen). */
const TYPING_MILLISECONDS = 250;

/** The filter form; it leaves out facets without values in this file. */
export function filterView(form, statistics, place) {
  // A field in use keeps its content, although the statistics are updated meanwhile.
  if (form.contains(document.activeElement) && form.dataset.file === fileOf(place)) return;
  form.dataset.file = fileOf(place);
  const facets = statistics.facets.filter(({ facet, values }) => values.length > 0 || place[facet]);
  form.replaceChildren(
    searchField(place),
    ...facets.map((facet) => facetField(facet, place)),
    ...(statistics.scores.length > 0 || place.leastScore || place.mostScore ? [scoreFields(place)] : []),
    ...(Object.keys(NO_FILTERS).some((name) => place[name]) ? [clearButton()] : []),
  );
}

const fileOf = ({ set, file }) => `${set} ${file}`;

function searchField({ text = '' }) {
  let timer;
  const change = (event) => {
    clearTimeout(timer);
    const { value } = event.target;
    timer = setTimeout(() => go({ ...FROM_START, text: value }, { replace: true }), TYPING_MILLISECONDS);
  };
  return make(
    'label',
    {},
    'search',
    make('input', { id: 'search', type: 'search', value: text, placeholder: 'words in any field', input: change }),
  );
}

function facetField({ facet, values, others }, place) {
  const chosen = place[facet] ?? '';
  const known = values.some(([value]) => value === chosen) || chosen === '';
  const options = [
    make('option', { value: '' }, 'all'),
    ...values.map(([value, rows]) =>
      make('option', { value, selected: value === chosen }, shownText(value.slice(0, 80)), ` (${count(rows)})`),
    ),
    ...(known ? [] : [make('option', { value: chosen, selected: true }, shownText(chosen.slice(0, 80)))]),
    ...(others > 0 ? [make('option', { disabled: true }, `and ${count(others)} more`)] : []),
  ];
  const change = (event) => {
    event.target.blur();
    go({ ...FROM_START, [facet]: event.target.value });
  };
  return make('label', {}, facet, make('select', { name: facet, change }, options));
}

function scoreFields({ leastScore = '', mostScore = '' }) {
  const bound = (name, value, says) =>
    make('input', {
      type: 'number',
      name,
      value,
      'aria-label': says,
      placeholder: name === 'leastScore' ? '0' : '1',
      min: 0,
      max: 1,
      step: 0.05,
      change: (event) => go({ ...FROM_START, [name]: event.target.value }),
    });
  const fields = [bound('leastScore', leastScore, 'lowest score'), '–', bound('mostScore', mostScore, 'highest score')];
  return make('div', { class: 'field' }, 'score', make('span', { class: 'range' }, fields));
}

function clearButton() {
  const clear = (event) => {
    event.target.blur();
    go({ ...FROM_START, ...NO_FILTERS });
  };
  return make('button', { type: 'button', class: 'link', click: clear }, 'clear filters');
}
