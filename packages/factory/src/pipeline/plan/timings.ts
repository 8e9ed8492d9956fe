import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COSTS_VERSION } from '../../stages/costs.ts';
import type { Workload } from '../../stages/stage.ts';

/** How long a stage with this workload takes, and how that is known. */
export type Timings = (stage: string, workload: Workload) => { seconds: number; origin: string };

interface Timing {
  readonly stage: string;
  /** What the stage's constants said for the items that there were. */
  readonly expected: number;
  readonly seconds: number;
}

const FILE = 'timings.jsonl';

/** Runs whose expected time differs by less than this factor count as being of one size (chosen). */
const NEAR = 4;

/** The newest runs of a stage that count: the machine may have changed (chosen). */
const NEWEST = 10;

/** What the stages' own constants say. */
export const byConstants: Timings = (_stage, workload) => ({
  seconds: expectedSeconds(workload, workload.items),
  origin: 'estimate',
});

/** Seconds by the constants of a stage. @param items - How many there are. */
export function expectedSeconds(
  { fixedSeconds, secondsPerItem }: Pick<Workload, 'fixedSeconds' | 'secondsPerItem'>,
  items: number,
): number {
  return fixedSeconds + items * secondsPerItem;
}

/** Notes how long a stage took in this store, for plans to come. */
export function noteTiming(storeRoot: string, timing: Timing): void {
  try {
    appendFileSync(join(storeRoot, FILE), `${JSON.stringify({ ...timing, costs: COSTS_VERSION })}\n`);
  } catch {
    // Plans are less exact without it; the stage itself is finished.
  }
}

/** What this store has seen: the stages' constants, scaled by how much slower or faster this machine is than they say. */
export async function readTimings(storeRoot: string): Promise<Timings> {
  const text = await readFile(join(storeRoot, FILE), 'utf8').catch(() => '');
  return scaleTimings(text.split('\n').flatMap(parseTiming));
}

/**
 * Scales by the runs of the same stage that were of about the same size. Where there are none, all runs together say how
 * fast the machine is: what a formula misses on a small model says little about a large one.
 */
export function scaleTimings(seen: readonly Timing[]): Timings {
  return (stage, workload) => {
    const expected = expectedSeconds(workload, workload.items);
    const own = seen.filter((timing) => timing.stage === stage);
    const near = own.filter((timing) => Math.max(timing.expected / expected, expected / timing.expected) < NEAR);
    if (near.length > 0) {
      return { seconds: expected * scaleOf(near.slice(-NEWEST)), origin: `measured here, ${near.length}×` };
    }
    if (seen.length > 0) return { seconds: expected * scaleOf(seen), origin: 'estimate for this machine' };
    return byConstants(stage, workload);
  };
}

/** Measured time over expected time, of all runs together. */
function scaleOf(timings: readonly Timing[]): number {
  const sum = (of: 'seconds' | 'expected') => timings.reduce((total, timing) => total + timing[of], 0);
  return sum('seconds') / sum('expected');
}

/** A line of the file; none for the empty last line, for one that a kill cut short, and for those of other formulas. */
function parseTiming(line: string): Timing[] {
  try {
    const { costs, ...timing } = JSON.parse(line) as Timing & { costs?: number };
    const known =
      costs === COSTS_VERSION && typeof timing.stage === 'string' && isTime(timing.expected) && isTime(timing.seconds);
    return known ? [timing] : [];
  } catch {
    return [];
  }
}

/** Between a tenth of a millisecond and three years. */
function isTime(seconds: unknown): boolean {
  return typeof seconds === 'number' && seconds >= 1e-4 && seconds < 1e8;
}
