import { join } from 'node:path';
import { replaceFile } from '@cogumi/pure';
import { readRun } from './read-run.ts';
import { renderReport } from './render-report.ts';

/** Writes `report.html` beside the run's log and returns its path. */
export async function writeReport(storeRoot: string, run: string): Promise<string> {
  const path = join(storeRoot, 'runs', run, 'report.html');
  await replaceFile(path, renderReport(await readRun(storeRoot, run)));
  return path;
}
