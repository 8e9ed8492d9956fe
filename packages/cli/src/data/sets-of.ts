import { basename, resolve } from 'node:path';
import type { SetPlace } from '@cogumi/data/viewer';
import { findSets, listRuns } from '@cogumi/factory';
import { UsageError } from '../parse-call.ts';
import { existingStore } from '../recipe-options.ts';

/** Sets of rows, and the run that made them where it is known. */
interface FoundSets {
  readonly sets: readonly SetPlace[];
  readonly run: { readonly store: string; readonly id: string } | null;
}

/** The folders and files that were named; none: the sets of the newest run that has any. @throws UsageError */
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
    `No run in ${root} has a set of rows.`,
    'Name folders or files, `cogumi data look rows.jsonl`, or make one: `cogumi data filter FILE…`.',
  );
}
