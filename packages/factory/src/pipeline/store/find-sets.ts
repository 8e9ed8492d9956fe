import type { SetPlace } from '@cogumi/data/viewer';
import { openStore } from '../../artifacts/store.ts';
import { readRunEvents, stageKeys } from '../run/run-log.ts';

/** The stages whose outputs hold rows, in the order that rows pass them. */
const DATA_STAGES = ['import', 'curate', 'dedup', 'filter', 'synthesize', 'mix'];

/** Where a run's sets of rows lie, as far as they are still in the store. */
export async function findSets(storeRoot: string, run: string): Promise<SetPlace[]> {
  const store = await openStore(storeRoot);
  const keys = stageKeys(await readRunEvents(storeRoot, run));
  const found = await Promise.all(
    DATA_STAGES.map(async (name) => {
      const artifact = keys.has(name) ? await store.find(keys.get(name) as string) : null;
      return artifact ? [{ name, folder: artifact.folder }] : [];
    }),
  );
  return found.flat();
}
