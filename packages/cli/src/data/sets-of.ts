import { basename, resolve } from 'node:path';
import { findSets, listRuns, type SetPlace } from '@cogumi/factory';
import { UsageError } from '../parse-call.ts';
import { existingStore } from '../recipe-options.ts';

/** The folders and files that were named; none: the sets of the newest run that has any. @throws UsageError */
export async function setsOf(places: readonly string[], store: string | undefined): Promise<SetPlace[]> {
  if (places.length > 0) return places.map((place) => ({ name: basename(place), folder: resolve(place) }));
  const root = existingStore(store === undefined ? {} : { store });
  for (const run of (await listRuns(root)).toReversed()) {
    const sets = await findSets(root, run);
    if (sets.length > 0) return sets;
  }
  throw new UsageError(
    `No run in ${root} has a set of rows.`,
    'Name folders or files, `cogumi data look rows.jsonl`, or make one: `cogumi data verify FILE…`.',
  );
}
