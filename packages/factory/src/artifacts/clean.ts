import { openStore } from './store.ts';

export interface Unused {
  readonly key: string;
  readonly stage: string;
  readonly bytes: number;
}

/** Unfinished work and artifacts that no bundle of this store was made from. */
export async function findUnused(storeRoot: string, startOfKey?: string): Promise<Unused[]> {
  const store = await openStore(storeRoot);
  const artifacts = await store.list();
  const parents = new Map(artifacts.map(({ manifest }) => [manifest.key, Object.values(manifest.inputs)]));
  const used = new Set<string>();
  const keep = (key: string): void => {
    if (used.has(key)) return;
    used.add(key);
    for (const parent of parents.get(key) ?? []) keep(parent);
  };
  // Every validated bundle is kept with all it was made from.
  for (const { manifest } of artifacts) if (manifest.kind === 'validation') keep(manifest.key);
  return [
    ...artifacts
      .filter(({ manifest }) => !used.has(manifest.key) || startOfKey !== undefined)
      .map(({ manifest: { key, stage, files } }) => ({
        key,
        stage,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      })),
    ...(await store.listPartial()).map(({ key, bytes }) => ({ key, stage: 'unfinished', bytes })),
  ].filter(({ key }) => startOfKey === undefined || key.startsWith(startOfKey));
}

export async function cleanStore(storeRoot: string, unused: readonly Unused[]): Promise<void> {
  const store = await openStore(storeRoot);
  for (const { key } of unused) await store.remove(key);
}
