import { FROM_START, go, NO_FILTERS } from './address.js';
import { badges, texts } from './list-view.js';
import { count, make } from './make-element.js';
import { shownText } from './shown-text.js';

const PAGE_CLUSTERS = 50;

/** Clusters of duplicates, the largest first; clicking one lists its rejected rows. */
export function clusterView({ clusters, total }, place) {
  const from = Number(place.from ?? 0);
  const most = clusters[0]?.duplicates ?? 1;
  const page = (at) => () => go({ from: at === 0 ? '' : at });
  return [
    make(
      'p',
      { class: 'soft summary', role: 'status' },
      `${count(total)} clusters, the largest first; click one to see its rows.`,
    ),
    make(
      'ol',
      { class: 'rows' },
      clusters.map((cluster) => make('li', {}, clusterButton(cluster, most))),
    ),
    make(
      'p',
      { class: 'pager' },
      make(
        'button',
        { id: 'previous', type: 'button', disabled: from === 0, click: page(Math.max(0, from - PAGE_CLUSTERS)) },
        '← Previous',
      ),
      make(
        'button',
        { id: 'next', type: 'button', disabled: from + PAGE_CLUSTERS >= total, click: page(from + PAGE_CLUSTERS) },
        'Next →',
      ),
    ),
  ];
}

function clusterButton({ id, duplicates, canonical }, most) {
  const open = () => go({ ...FROM_START, tab: '', canonical: id });
  return make(
    'button',
    { type: 'button', class: 'row cluster', click: open },
    make('span', {}, canonical === null ? make('code', {}, shownText(id)) : texts(canonical.fields)),
    make('progress', { max: most, value: duplicates, 'aria-hidden': 'true' }),
    make('span', { class: 'number' }, `${count(duplicates)} duplicates`),
  );
}

/** The canonical row, above the rows rejected as its duplicates. */
export function clusterHead({ clusters: [{ id, duplicates, canonical }] }) {
  const all = make(
    'button',
    { type: 'button', class: 'link', click: () => go({ ...NO_FILTERS, ...FROM_START, tab: 'clusters' }) },
    'all clusters',
  );
  const head = make('p', { class: 'soft' }, `Kept; the ${count(duplicates)} rows below are duplicates of it. `, all);
  if (canonical === null) return make('div', { class: 'canonical' }, head, make('code', {}, shownText(id)));
  const { set, file, line, fields } = canonical;
  const open = () => go({ ...NO_FILTERS, ...FROM_START, set, file, from: line, line });
  const row = make(
    'button',
    { type: 'button', class: 'row', click: open },
    texts(fields),
    make('span', { class: 'badges' }, badges(fields)),
  );
  return make('div', { class: 'canonical' }, head, row);
}
