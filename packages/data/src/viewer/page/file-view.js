import { FROM_START, go, NO_FILTERS } from './address.js';
import { count, make } from './make-element.js';
import { shownText } from './shown-text.js';

const ROLES = { kept: 'kept', rejected: 'rejected', other: 'notes' };

/** The files of a stage as tabs; a file of rejected duplicates has a second tab for its clusters. */
export function fileTabs(set, place) {
  const tabs = set.files.flatMap((file) => {
    const own = [
      tab(file.name.replace(/\.jsonl$/, ''), file.rows, ROLES[file.role], { file: file.name, tab: '' }, place),
    ];
    if (file.clusters > 0)
      own.push(tab('clusters', file.clusters, 'of duplicates', { file: file.name, tab: 'clusters' }, place));
    return own;
  });
  return make('div', { class: 'tabs', role: 'tablist', 'aria-label': `Files of ${set.name}` }, tabs);
}

function tab(name, rows, says, to, place) {
  const selected = place.file === to.file && (place.tab ?? '') === to.tab;
  const open = () => go({ ...NO_FILTERS, ...FROM_START, ...to });
  return make(
    'button',
    { type: 'button', role: 'tab', 'aria-selected': String(selected), click: open },
    make('b', {}, name),
    ` ${count(rows)} `,
    make('span', { class: 'soft' }, says),
  );
}

/** Facts and gates of the stage, if it has a manifest. */
export function stageFacts({ name, stage }) {
  if (stage === null) return [];
  const facts = Object.entries(stage.facts).filter(([, value]) => typeof value !== 'object' || value === null);
  const of = (...verdicts) => stage.gates.filter(({ verdict }) => verdicts.includes(verdict));
  const [failed, skipped] = [of('fail', 'inconclusive'), of('skipped')];
  const summary = `${of('pass').length} of ${stage.gates.length} gates passed${skipped.length > 0 ? `, ${skipped.length} had nothing to measure` : ''}`;
  return [
    make(
      'details',
      { class: 'facts', open: failed.length > 0 },
      make(
        'summary',
        {},
        `Facts of ${name}`,
        stage.gates.length > 0 && make('span', { class: 'soft' }, ` · ${summary}`),
      ),
      make(
        'dl',
        {},
        facts.map(([fact, value]) => make('div', {}, make('dt', {}, fact), make('dd', {}, String(value)))),
      ),
      stage.gates.length > 0 && make('ul', {}, stage.gates.map(gateLine)),
    ),
  ];
}

function gateLine({ criterion, verdict, measured, threshold, unit, advice }) {
  const skipped = verdict === 'skipped';
  const measure = skipped
    ? ' nothing to measure'
    : ` ${Number(measured.toPrecision(4))} (threshold ${threshold}) ${unit}`;
  return make(
    'li',
    {},
    make('b', { class: `verdict ${verdict}` }, verdict),
    ' ',
    shownText(criterion),
    `:${measure}`,
    verdict !== 'pass' && !skipped && advice !== '' && make('div', { class: 'soft' }, advice),
  );
}

/** Reasons of the rejected rows in this file, counted; clicking one filters. */
export function reasonBars(statistics, place) {
  const reasons = statistics.facets.find(({ facet }) => facet === 'reason');
  if (reasons.values.length === 0) return [];
  const most = reasons.values[0][1];
  const lines = reasons.values.slice(0, 12).map(([reason, rows]) => {
    const chosen = place.reason === reason;
    const choose = () => go({ ...FROM_START, reason: chosen ? '' : reason });
    const bar = make('progress', { max: most, value: rows, 'aria-hidden': 'true' });
    return make(
      'button',
      { type: 'button', class: 'reason', 'aria-pressed': String(chosen), click: choose },
      make('span', {}, shownText(reason.slice(0, 160))),
      bar,
      make('span', { class: 'number' }, count(rows)),
    );
  });
  return [make('div', { class: 'reasons', role: 'group', 'aria-label': 'Reasons' }, lines)];
}
