import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workload } from '../../stages/stage.ts';

/** How long a stage with this workload takes, and how that is known. */
export type Timings = (stage: string, workload: Workload) => { seconds: number; origin: string };

interface Timing {
  readonly stage: string;
  readonly items: number;
  readonly seconds: number;
}

const FILE = 'timings.jsonl';

/** Sizes that differ by this factor tell fixed time from time an item (chosen). */
const APART = 1.5;

/** What the stages' own constants say. */
export const byConstants: Timings = (_stage, { items, fixedSeconds, secondsPerItem }) => ({
  seconds: fixedSeconds + items * secondsPerItem,
  origin: 'estimate',
});

/** Notes how long a stage took in this store, for plans to come. */
export function noteTiming(storeRoot: string, timing: Timing): void {
  appendFileSync(join(storeRoot, FILE), `${JSON.stringify(timing)}\n`);
}

/** What this store has seen: a line through the measured times of a stage, else the stage's own constants. */
export async function readTimings(storeRoot: string): Promise<Timings> {
  const text = await readFile(join(storeRoot, FILE), 'utf8').catch(() => '');
  const byStage = new Map<string, Timing[]>();
  for (const line of text.split('\n')) {
    try {
      const timing = JSON.parse(line) as Timing;
      byStage.set(timing.stage, [...(byStage.get(timing.stage) ?? []), timing]);
    } catch {
      // An empty last line, or one that a kill cut short.
    }
  }
  return (stage, workload) => {
    const seen = byStage.get(stage);
    if (!seen) return byConstants(stage, workload);
    const { fixed, perItem } = fitLine(seen, workload);
    return { seconds: fixed + perItem * workload.items, origin: `measured here, ${seen.length}×` };
  };
}

/**
 * Time = fixed + perItem · items by least squares, both at least 0. Where the sizes say too little, this machine counts as so
 * many times slower, in all, than the one that the stage's constants are from.
 */
export function fitLine(
  seen: readonly Timing[],
  { fixedSeconds, secondsPerItem }: Pick<Workload, 'fixedSeconds' | 'secondsPerItem'>,
): { fixed: number; perItem: number } {
  const count = seen.length;
  const meanItems = seen.reduce((sum, { items }) => sum + items, 0) / count;
  const meanSeconds = seen.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const sizes = seen.map(({ items }) => items);
  if (Math.max(...sizes) >= APART * Math.min(...sizes)) {
    const spread = seen.reduce((sum, { items }) => sum + (items - meanItems) ** 2, 0);
    const joint = seen.reduce((sum, { items, seconds }) => sum + (items - meanItems) * (seconds - meanSeconds), 0);
    const perItem = joint / spread;
    const fixed = meanSeconds - perItem * meanItems;
    if (perItem >= 0 && fixed >= 0) return { fixed, perItem };
  }
  const times = meanSeconds / (fixedSeconds + secondsPerItem * meanItems);
  if (!Number.isFinite(times)) return { fixed: meanSeconds, perItem: 0 };
  return { fixed: times * fixedSeconds, perItem: times * secondsPerItem };
}
