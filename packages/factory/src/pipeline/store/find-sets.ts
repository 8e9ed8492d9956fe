import type { SetPlace } from '@cogumi/data/viewer';
import { openStore } from '../../artifacts/store.ts';
import { readRunEvents, stageKeys } from '../run/run-log.ts';

/** Where the sets of rows of a run lie, as far as they are still in the store, in the order that the run made them. */
export async function findSets(storeRoot: string, run: string): Promise<SetPlace[]> {
  const store = await openStore(storeRoot, 'refuse');
  const keys = stageKeys(await readRunEvents(storeRoot, run));
  const found = await Promise.all(
    [...keys].map(async ([name, key]) => {
      const artifact = await store.find(key);
      return artifact?.manifest.kind === 'rows' ? [{ name, folder: artifact.folder }] : [];
    }),
  );
  return found.flat();
}
