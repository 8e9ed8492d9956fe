import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workload } from '../stage/stage.ts';

/** How long a stage with this workload takes, and how that is known. */
export type Timings = (stage: string, workload: Workload) => { seconds: number; origin: string };

interface Timing {
  readonly stage: string;
  readonly items: number;
  readonly seconds: number;
}

const FILE = 'timings.jsonl';

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
    const { fixed, perItem } = fitLine(seen, workload.fixedSeconds);
    return { seconds: fixed + perItem * workload.items, origin: `measured here, ${seen.length}×` };
  };
}

/**
 * Time = fixed + perItem · items by least squares, both at least 0; when all measurements have one size, the fixed part
 * is taken from the stage as far as it fits.
 */
export function fitLine(seen: readonly Timing[], fixedSeconds: number): { fixed: number; perItem: number } {
  const count = seen.length;
  const meanItems = seen.reduce((sum, { items }) => sum + items, 0) / count;
  const meanSeconds = seen.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const spread = seen.reduce((sum, { items }) => sum + (items - meanItems) ** 2, 0);
  const joint = seen.reduce((sum, { items, seconds }) => sum + (items - meanItems) * (seconds - meanSeconds), 0);
  const perItem = spread === 0 ? Number.NaN : joint / spread;
  const fixed = meanSeconds - perItem * meanItems;
  if (perItem >= 0 && fixed >= 0) return { fixed, perItem };
  if (meanItems === 0) return { fixed: meanSeconds, perItem: 0 };
  const kept = Math.min(fixedSeconds, meanSeconds);
  return { fixed: kept, perItem: (meanSeconds - kept) / meanItems };
}
