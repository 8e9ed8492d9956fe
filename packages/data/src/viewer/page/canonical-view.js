import { FROM_START, go, NO_FILTERS } from './address.js';
import { make } from './make-element.js';
import { pieces, shownText } from './shown-text.js';

/** A rejected row beside its canonical row, with the differing words marked. */
export function canonicalView({ id, canonical, comparison }, row, sets) {
  if (canonical === null) {
    return [
      make(
        'p',
        { class: 'refused' },
        'The canonical row ',
        make('code', {}, shownText(id)),
        ' was not found in the kept rows that have been read so far.',
      ),
    ];
  }
  const { similarity } = row.fields;
  const open = () =>
    go({
      ...NO_FILTERS,
      ...FROM_START,
      set: canonical.set,
      file: canonical.file,
      from: canonical.line,
      line: canonical.line,
    });
  const place = `${sets[canonical.set].name}/${canonical.file}, line ${canonical.line + 1}`;
  return [
    typeof similarity === 'number' &&
      make(
        'p',
        {},
        make('b', {}, `${(100 * similarity).toFixed(1)}% similar`),
        '; marked words are in only one of the two.',
      ),
    make(
      'div',
      { class: 'pair head' },
      side('kept', canonical.fields, make('button', { type: 'button', class: 'link', click: open }, place)),
      side('rejected', row.fields, null),
    ),
    ...comparison.flatMap(({ field, canonical: theirs, row: mine }) => [
      make('h3', {}, field),
      make('div', { class: 'pair' }, said(theirs), said(mine)),
    ]),
  ].filter(Boolean);
}

function side(says, fields, link) {
  const score = typeof fields.score === 'number' ? `, score ${fields.score.toFixed(2)}` : '';
  return make(
    'div',
    {},
    make('b', { class: says }, says),
    ' ',
    shownText(fields.source ?? ''),
    score,
    link && make('div', {}, link),
  );
}

function said(segments) {
  const marked = segments.map(({ text, differs }) => (differs ? make('mark', {}, pieces(text)) : pieces(text)));
  return make('div', { class: 'said' }, make('bdi', { dir: 'auto' }, marked));
}
