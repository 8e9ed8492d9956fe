import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A real file that tests read: in the folder `COGUMI_SHARED_DATA`, else in one beside the repository. */
export function sharedData(path: string): string {
  const folder = process.env.COGUMI_SHARED_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
  const full = join(folder, path);
  if (!existsSync(full)) throw new Error(`${full} is missing: set COGUMI_SHARED_DATA to the folder of test data.`);
  return full;
}
