import { CogumiError, EXIT } from '@cogumi/contracts';
import { openStore, type StoreEntry } from '../../artifacts/store.ts';
import { explainFailure } from '../run/explain-failure.ts';
import { listRuns, readRunEvents, readRunRecipe, stageKeys } from '../run/run-log.ts';
import { lockStore } from './store-lock.ts';

const MADE_WITHOUT_BUNDLE = ['model', 'data'];

/** Eight hex digits of SHA-256 are 4 billion to one (chosen); fewer are more often a slip than a name. */
const SHORTEST_KEY = /^[0-9a-f]{8,64}$/;

/** What can be removed. */
export interface Unused {
  readonly key: string;
  /** Name of its folder in `artifacts/`. */
  readonly folder: string;
  /** The stage that made it, or the state of what no stage finished. */
  readonly stage: string;
  readonly bytes: number;
}

/**
 * What neither a validated bundle or model of this store was made from, nor the newest run of a recipe names; and
 * whatever is damaged or left over.
 *
 * @param startOfKey - Asks for one artifact instead, used or not: at least 8 hex digits that only its key begins with.
 * @throws CogumiError KEY_INVALID, KEY_UNKNOWN, KEY_AMBIGUOUS.
 */
export async function findUnused(storeRoot: string, startOfKey?: string): Promise<Unused[]> {
  const entries = await (await openStore(storeRoot, 'refuse')).list();
  let found: readonly StoreEntry[];
  if (startOfKey === undefined) {
    const used = await keysInUse(storeRoot, entries);
    // Damaged and leftover folders are of no use, even where a run names them.
    found = entries.filter(({ key, state }) => !used.has(key) || state === 'unreadable' || state === 'leftover');
  } else {
    const key = theOneKey(entries, startOfKey, storeRoot);
    found = entries.filter((entry) => entry.key === key);
  }
  return found.map((entry) => ({
    key: entry.key,
    folder: entry.name,
    stage: entry.state === 'finished' ? entry.manifest.stage : entry.state,
    bytes: entry.bytes,
  }));
}

/**
 * Removes what `findUnused` finds, while no build is at work.
 *
 * @returns What was removed.
 * @throws CogumiError STORE_BUSY; what `findUnused` throws.
 */
export async function cleanStore(storeRoot: string, startOfKey?: string): Promise<Unused[]> {
  let unlock = async () => {};
  try {
    const store = await openStore(storeRoot, 'refuse');
    unlock = await lockStore(storeRoot);
    // Looked up under the lock: a build may just have come to need what nobody used before.
    const unused = await findUnused(storeRoot, startOfKey);
    for (const { folder } of unused) await store.remove(folder);
    return unused;
  } catch (cause) {
    throw explainFailure(cause, storeRoot);
  } finally {
    // A lock that stays is taken over once this process is gone; it must not hide what happened.
    await unlock().catch(() => undefined);
  }
}

async function keysInUse(storeRoot: string, entries: readonly StoreEntry[]): Promise<Set<string>> {
  const finished = new Map(
    entries.flatMap((entry) => (entry.state === 'finished' ? [[entry.key, entry.manifest]] : [])),
  );
  const used = new Set<string>();
  const keep = (key: string): void => {
    if (used.has(key)) return;
    used.add(key);
    for (const parent of Object.values(finished.get(key)?.inputs ?? {})) keep(parent);
  };

  for (const { key, kind } of finished.values()) if (kind === 'validation') keep(key);
  const newest = new Map<string, string[]>();
  for (const run of await listRuns(storeRoot)) {
    const events = await readRunEvents(storeRoot, run);
    const keys = [...stageKeys(events).values()];
    // A run that ended before its first stage says nothing of what its recipe needs.
    if (keys.length === 0) continue;
    const start = events.find((event) => event.event === 'build-start');
    newest.set(start?.recipe ?? run, keys);
    // A model or a set of data is finished without a bundle to validate.
    const end = events.find((event) => event.event === 'build-end');
    const whole = end?.outcome === 'done' || end?.outcome === 'inconclusive';
    if (whole && MADE_WITHOUT_BUNDLE.includes((await readRunRecipe(storeRoot, run))?.make ?? '')) keys.forEach(keep);
  }
  for (const keys of newest.values()) keys.forEach(keep);
  return used;
}

function theOneKey(entries: readonly StoreEntry[], start: string, storeRoot: string): string {
  const refuse = (code: string, what: string, hint: string) =>
    new CogumiError(code, what, hint, { exitCode: EXIT.usage });
  if (!SHORTEST_KEY.test(start)) {
    throw refuse(
      'KEY_INVALID',
      `A key begins with 8 to 64 hex digits; "${start.slice(0, 70)}" is none.`,
      '`cogumi plan RECIPE --json` and `cogumi clean --json` show whole keys.',
    );
  }
  const keys = [...new Set(entries.flatMap(({ key }) => (key.startsWith(start) ? [key] : [])))];
  if (keys.length > 1) {
    throw refuse('KEY_AMBIGUOUS', `${keys.length} keys begin with ${start}: ${keys.join(', ')}.`, 'Give more digits.');
  }
  if (keys[0] === undefined) {
    throw refuse(
      'KEY_UNKNOWN',
      `No artifact in ${storeRoot} has a key that begins with ${start}.`,
      'Is it another store (`--store DIR`)? `cogumi plan RECIPE --json` shows the keys of a recipe.',
    );
  }
  return keys[0];
}
