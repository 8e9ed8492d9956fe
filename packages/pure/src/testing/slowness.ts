import { median } from '../statistics/median.ts';
import { processorMs } from './time-growth.ts';

/** Processor time of the work below on the machine on which bounds of tests were chosen: an Intel Xeon at 2 GHz, with nothing beside it (measured). */
const REFERENCE_MS = 20;
const RUNS = 3;
/** So often in a run: some kernels count processor time in steps of 4 ms. */
const TIMES = 14;

/**
 * How many times slower a core is now than on the machine on which bounds of tests were chosen; at least 1. Processor time that is divided
 * by it is bounded on slow machines too, and where other programs push each other out of the caches.
 */
export function slowness(): number {
  // The first run compiles.
  readBack();
  return Math.max(1, median(Array.from({ length: RUNS }, () => processorMs(readBack))) / REFERENCE_MS);
}

/** Does a little of everything: allocates, sorts, writes and reads JSON, searches text. */
function readBack(): void {
  for (let time = 0; time < TIMES; time++) {
    const rows = Array.from({ length: 2000 }, (_, at) => ({ id: (at * 7919) % 2000, text: `row ${at} of some` }));
    const text = JSON.stringify(rows.sort((left, right) => left.id - right.id));
    const read = JSON.parse(text.replaceAll(/row (\d+)/g, 'line $1')) as typeof rows;
    if (read.at(-1)?.id !== 1999) throw new Error('it was not read back');
  }
}
