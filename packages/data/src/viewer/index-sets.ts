import type { DataFile, DataSet } from './data-set.ts';
import { collectStatistics } from './file-statistics.ts';

/**
 * Reads every file twice, one after another: first where lines begin, so that all can be paged through early, then what is
 * in them. A file that fails says so in its statistics and stops no other. Ends early when aborted; never throws.
 */
export async function indexSets(sets: readonly DataSet[], signal: AbortSignal): Promise<void> {
  const files = sets.flatMap((set) => set.files);
  for (const file of files) await attempt(file, () => file.lines.build(signal), signal);
  for (const file of files) {
    if (file.statistics.problem === null) await attempt(file, () => collectStatistics(file, signal), signal);
  }
}

async function attempt({ statistics }: DataFile, read: () => Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await read();
  } catch (cause) {
    statistics.problem = (cause as Error).message;
  }
}
