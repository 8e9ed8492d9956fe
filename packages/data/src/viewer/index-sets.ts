import type { DataFile, DataSet } from './data-set.ts';
import { collectStatistics } from './file-statistics.ts';

/**
 * Reads every file twice: first all files to find their lines, so that paging works early, then all files for their statistics.
 * A failure is recorded in the file's statistics and does not stop the others. Ends early when aborted; never throws.
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
