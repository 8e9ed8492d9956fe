import { filtersOf, go, here } from './address.js';
import { canonicalView } from './canonical-view.js';
import { chainView } from './chain-view.js';
import { clusterHead, clusterView } from './cluster-view.js';
import { fetchAnswer } from './fetch-answer.js';
import { fileTabs, reasonBars, stageFacts } from './file-view.js';
import { filterView } from './filter-view.js';
import { listView } from './list-view.js';
import { count, make, percent } from './make-element.js';
import { conversationView, rowHead, scoreParts, traceView } from './row-view.js';
import { scoreView } from './score-view.js';
import { onKeys } from './shortcuts.js';
import { tokenView } from './token-view.js';

/** Interval at which counts are requested while files are being read (chosen). */
const POLL_MILLISECONDS = 400;

const at = (id) => document.getElementById(id);

let sets = [];
let preview = false;
/** Cancel requests that a newer click or key has made obsolete. */
let listing = new AbortController();
let opening = new AbortController();
/** The requests behind the list and the row on the page, so that only changed ones are sent. */
let listed = '';
let opened = { row: '', whole: false, lacksNothing: false };

addEventListener('hashchange', show);
onKeys();
poll();

async function poll() {
  try {
    ({ sets, preview } = await fetchAnswer('sets'));
    showReading();
    if (!sets[here().set ?? 0]?.files.some(({ name }) => name === here().file))
      go({ set: 0, file: sets[0].files[0].name }, { replace: true });
    else await show();
  } catch (error) {
    at('reading').textContent = `The server does not respond: ${error.message}`;
  }
  if (sets.flatMap(({ files }) => files).some(({ done }) => !done)) setTimeout(poll, POLL_MILLISECONDS);
}

function showReading() {
  const files = sets.flatMap((set) => set.files);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const problems = files.filter(({ problem }) => problem !== null).map(({ name, problem }) => `${name}: ${problem}`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const indexed = files.reduce((sum, file) => sum + file.bytes * file.indexed, 0) / Math.max(1, bytes);
  const counted = files.reduce((sum, file) => sum + file.counted, 0);
  const unreadable = files.reduce((sum, file) => sum + file.unreadable, 0);
  const busy = files.some(({ done }) => !done);
  const state =
    indexed < 1
      ? `finding lines, ${percent(indexed)}`
      : busy
        ? `counting, ${count(counted)} of ${count(rows)} lines`
        : `${count(rows)} lines`;
  const broken = unreadable > 0 ? `${count(unreadable)} cannot be read` : null;
  at('reading').textContent = [state, broken, ...problems].filter(Boolean).join(' · ');
  at('reading').dataset.busy = String(busy);
}

async function show() {
  const place = here();
  const set = sets[place.set];
  if (!set) return;
  const focused = focusedIn(at('chain'));
  at('chain').replaceChildren(chainView(sets, Number(place.set)));
  at('chain').querySelectorAll('button')[focused]?.focus();
  document.title = `${set.name}: ${place.file}`;
  await Promise.all([showStatistics(set, place), showList(place), showRow(place)]);
}

const focusedIn = (part) => [...part.querySelectorAll('button')].indexOf(document.activeElement);

async function showStatistics(set, place) {
  const statistics = await fetchAnswer('statistics', { set: place.set, file: place.file });
  if (here().file !== place.file || here().set !== place.set) return;
  at('files').replaceChildren(fileTabs(set, place));
  const { role } = set.files.find(({ name }) => name === place.file);
  at('stage').replaceChildren(...stageFacts(set), ...(role === 'kept' ? [] : reasonBars(statistics, place)));
  filterView(at('filters'), statistics, place);
  at('scores').replaceChildren(...scoreView(statistics.scores));
}

/** True once every file has been read: before, some texts and histories of rows may be missing. */
const isWhole = () => sets.every(({ files }) => files.every(({ done }) => done));

async function showList(place) {
  const { set, file, from = 0, tab = '' } = place;
  const { rows, counted } = sets[set].files.find(({ name }) => name === file);
  const query = { set, file, from, ...filtersOf(place) };
  // While a file is being read, its list is requested again until it fills the page.
  const wanted = JSON.stringify([query, isWhole(), tab === '' ? Math.min(rows, Number(from) + 50) : counted, tab]);
  if (wanted !== listed) {
    listing.abort();
    listing = new AbortController();
    at('list').setAttribute('aria-busy', 'true');
    try {
      at('list').replaceChildren(...(await listOf(place, query, listing.signal)));
      if (JSON.parse(wanted)[0].from !== JSON.parse(listed || '[{}]')[0].from)
        document.querySelector('main').scrollTop = 0;
      listed = wanted;
    } catch (error) {
      if (error.name === 'AbortError') return;
      at('list').replaceChildren(make('p', { class: 'refused', role: 'alert' }, error.message));
    }
    at('list').removeAttribute('aria-busy');
  }
  for (const row of at('list').querySelectorAll('[data-line]')) {
    if (row.dataset.line === place.line) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
}

async function listOf(place, query, signal) {
  if (place.tab === 'clusters') return clusterView(await fetchAnswer('clusters', query, signal), place);
  const filters = filtersOf(place);
  const head = filters.canonical ? [clusterHead(await fetchAnswer('clusters', query, signal))] : [];
  return [...head, ...listView(await fetchAnswer('rows', query, signal), place, Object.keys(filters).length > 0)];
}

async function showRow(place) {
  const { set, file, line, view = '' } = place;
  const { rows } = sets[set].files.find(({ name }) => name === file);
  // Requests the row again once its line has been found, and once all files are read if something may be missing.
  const wanted = line === undefined ? '' : JSON.stringify([set, file, line, view, Number(line) < rows]);
  const whole = isWhole();
  if (wanted === opened.row && (whole === opened.whole || opened.lacksNothing)) return;
  opened = { row: wanted, whole, lacksNothing: false };
  opening.abort();
  opening = new AbortController();
  const { signal } = opening;
  at('row').hidden = line === undefined;
  document.body.classList.toggle('opened', line !== undefined);
  if (line === undefined) return at('row').replaceChildren();
  try {
    const query = { set, file, line };
    const row = await fetchAnswer('row', query, signal);
    const body = make(
      'div',
      { class: 'body' },
      make('p', { class: 'soft' }, view === 'tokens' ? 'Starting the engine, which takes some seconds…' : 'Reading…'),
    );
    at('row').replaceChildren(rowHead(row, place), body);
    at('row').scrollTop = 0;
    body.replaceChildren(...(await viewOf(view, row, query, signal)));
    // Tokens of a text in the row itself do not change, and the engine takes seconds: do not request them again.
    opened.lacksNothing = view === 'tokens' && row.textFrom === null && row.fields.question !== undefined;
    if (view === '') await explain(row, place, query, signal);
  } catch (error) {
    if (error.name === 'AbortError') return;
    const message = make('p', { class: 'refused', role: 'alert' }, error.message);
    (at('row').querySelector('.body') ?? at('row')).replaceChildren(message);
  }
}

/** Requests what takes longer than the row itself: its history and the parts of its score. */
async function explain({ fields }, place, query, signal) {
  if (typeof fields.question_id === 'string') {
    const occurrences = await fetchAnswer('trace', { id: fields.question_id }, signal);
    at('trace')?.replaceChildren(traceView(occurrences, sets, place));
  }
  if (typeof fields.score === 'number')
    at('score')?.replaceChildren(...scoreParts(await fetchAnswer('score', query, signal)));
}

async function viewOf(view, row, query, signal) {
  if (view === 'canonical') return canonicalView(await fetchAnswer('canonical', query, signal), row, sets);
  if (view !== 'tokens') return conversationView(row);
  if (preview) return tokenView(await fetchAnswer('tokens', query, signal));
  const how = [
    'Showing tokens needs the tokenizer and chat template of the model to be trained: start again with ',
    make('code', {}, '--model FOLDER'),
    '.',
  ];
  return [make('p', {}, how)];
}
