import { FROM_START, go, NO_FILTERS } from './address.js';
import { count, draw, make } from './make-element.js';

const WIDTH = 72;
const HEIGHT = 58;

/** The stages from top to bottom, each as wide as its input and narrowed by the rows it rejected. */
export function chainView(sets, chosen) {
  const flows = sets.map(flowOf);
  const most = Math.max(1, ...flows.map(({ kept, rejected }) => kept + rejected));
  return make(
    'ol',
    {},
    sets.map((set, at) => make('li', {}, stageButton(set, flows[at], most, at, at === chosen))),
  );
}

/** Counts of kept and rejected rows. */
export function flowOf({ files }) {
  const rows = (role) => files.filter((file) => file.role === role).reduce((sum, file) => sum + file.rows, 0);
  return { kept: rows('kept'), rejected: rows('rejected') };
}

function stageButton(set, { kept, rejected }, most, at, current) {
  const failed = (set.stage?.gates ?? []).filter(({ verdict }) => verdict === 'fail').length;
  const open = () => go({ ...NO_FILTERS, ...FROM_START, set: at, file: set.files[0].name, tab: '' });
  return make(
    'button',
    { type: 'button', class: 'stage', 'aria-current': current ? 'true' : null, click: open },
    picture(kept / most, rejected / most),
    make(
      'span',
      {},
      make(
        'b',
        {},
        set.name,
        failed > 0 && make('span', { class: 'refusal' }, failed === 1 ? ' a gate fails' : ` ${failed} gates fail`),
      ),
      make('span', { class: 'kept' }, `${count(kept)} rows`),
      rejected > 0 && make('span', { class: 'rejected' }, `${count(rejected)} rejected`),
    ),
  );
}

/** @param kept, rejected - Shares of the largest input of a stage, 0..1. */
function picture(kept, rejected) {
  const x = (share) => (share * WIDTH).toFixed(1);
  const whole = x(kept + rejected);
  return draw(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    draw('polygon', { class: 'flow-kept', points: `0,0 ${x(kept)},0 ${x(kept)},${HEIGHT} 0,${HEIGHT}` }),
    draw('polygon', { class: 'flow-rejected', points: `${x(kept)},0 ${whole},0 ${x(kept)},${HEIGHT}` }),
  );
}
