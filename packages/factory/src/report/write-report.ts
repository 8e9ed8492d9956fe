import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRun } from './read-run.ts';
import { renderReport } from './render-report.ts';

/** Writes `report.html` beside the run's log and returns its path. */
export async function writeReport(storeRoot: string, run: string): Promise<string> {
  const path = join(storeRoot, 'runs', run, 'report.html');
  const temporary = `${path}.tmp`;
  await writeFile(temporary, renderReport(await readRun(storeRoot, run)));
  await rename(temporary, path);
  return path;
}
