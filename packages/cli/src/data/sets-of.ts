import { basename, resolve } from 'node:path';
import type { SetPlace } from '@cogumi/data/viewer';
import { findSets, listRuns } from '@cogumi/factory';
import { UsageError } from '../parse-call.ts';
import { existingStore } from '../recipe-options.ts';

/** Data sets, and the run that made them; null if it is unknown. */
interface FoundSets {
  readonly sets: readonly SetPlace[];
  readonly run: { readonly store: string; readonly id: string } | null;
}

/** The named folders and files; without names, the data sets of the newest run that has some. @throws UsageError */
export async function setsOf(places: readonly string[], store: string | undefined): Promise<FoundSets> {
  if (places.length > 0) {
    return { sets: places.map((place) => ({ name: basename(place), folder: resolve(place) })), run: null };
  }
  const root = existingStore(store === undefined ? {} : { store });
  for (const id of (await listRuns(root)).toReversed()) {
    const sets = await findSets(root, id);
    if (sets.length > 0) return { sets, run: { store: root, id } };
  }
  throw new UsageError(
    `No run in ${root} has a data set.`,
    'Name folders or files (`cogumi data look rows.jsonl`), or make a data set: `cogumi data filter FILE…`.',
  );
}
