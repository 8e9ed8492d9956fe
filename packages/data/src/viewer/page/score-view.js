import { FROM_START, go } from './address.js';
import { count, make, sized } from './make-element.js';
import { shownText } from './shown-text.js';

/** Histograms of scores: of all rows (clicking a bar filters) and by source (clicking a name filters). */
export function scoreView(scores) {
  if (scores.length === 0) return [];
  const bins = scores[0].bins.map((_, bin) => scores.reduce((sum, source) => sum + source.bins[bin], 0));
  return [
    make('h2', {}, 'Scores'),
    histogram(bins, true),
    make('p', { class: 'soft axis' }, make('span', {}, '0'), make('span', {}, '1')),
    make('table', {}, make('tbody', {}, scores.map(sourceLine))),
  ];
}

function sourceLine({ source, rows, bins }) {
  const choose = () => go({ ...FROM_START, source });
  const name = shownText(source);
  return make(
    'tr',
    {},
    make('th', {}, make('button', { type: 'button', class: 'link', title: name.textContent, click: choose }, name)),
    make('td', {}, histogram(bins, false)),
    make('td', { class: 'number' }, count(rows)),
  );
}

function histogram(bins, clickable) {
  const most = Math.max(1, ...bins);
  const bars = bins.map((rows, bin) => {
    const [least, limit] = [bin / bins.length, (bin + 1) / bins.length];
    const title = `${least.toFixed(2)} to ${limit.toFixed(2)}: ${count(rows)} rows`;
    // The filter includes its upper bound, a bin does not; scores have four decimals.
    const mostScore = limit === 1 ? 1 : (limit - 1e-4).toFixed(4);
    const choose = () => go({ ...FROM_START, leastScore: least.toFixed(2), mostScore });
    const bar = clickable
      ? make('button', { type: 'button', title, 'aria-label': title, tabindex: rows === 0 ? -1 : 0, click: choose })
      : make('span', { title });
    bar.append(sized(make('i', {}), '--share', rows / most));
    return bar;
  });
  return make('div', { class: clickable ? 'histogram' : 'histogram small' }, bars);
}
