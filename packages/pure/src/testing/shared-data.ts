import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Path of a test data file in the folder `COGUMI_SHARED_DATA`; default: `shared/data` beside the repository.
 *
 * @throws Error; if the folder itself does not exist, `npm test` counts the test as skipped.
 */
export function sharedData(path: string): string {
  const folder = process.env.COGUMI_SHARED_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
  if (!existsSync(folder)) throw new Error(`no shared test data at ${folder}; set COGUMI_SHARED_DATA`);
  const full = join(folder, path);
  if (!existsSync(full))
    throw new Error(`${full} is missing. Set COGUMI_SHARED_DATA to the folder with the test data.`);
  return full;
}
