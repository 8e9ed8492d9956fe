import type { DatabaseSync } from 'node:sqlite';

/** A batch that was noted and whose results are not all here. */
export interface OpenBatch {
  readonly tag: string;
  /** As the provider calls it; null: a kill came between noting it and hearing its name. */
  readonly name: string | null;
  /** Whether it was ever tried to hand it in: only then can the provider have it. */
  readonly sent: boolean;
  /** When it was noted. Milliseconds since 1970. */
  readonly since: number;
  /** Those without a result yet. */
  readonly requests: readonly { readonly id: number; readonly key: string }[];
}

/** Batches of a recipe that earlier runs, or this one, left open with a teacher. */
export function openBatches(database: DatabaseSync, recipe: string, teacher: string): OpenBatch[] {
  const batches = database
    .prepare('SELECT tag, name, since, sent FROM batches WHERE recipe = ? AND teacher = ? AND open = 1 ORDER BY tag')
    .all(recipe, teacher) as unknown as { tag: string; name: string | null; since: number; sent: number }[];
  const requests = database.prepare('SELECT id, key FROM requests WHERE batch = ? AND settled IS NULL ORDER BY id');
  return batches.map(({ tag, name, since, sent }) => ({
    tag,
    name,
    since,
    sent: sent === 1,
    requests: requests.all(tag) as unknown as { id: number; key: string }[],
  }));
}

/** To be written down before the batch leaves. */
export function markSent(database: DatabaseSync, tag: string): void {
  database.prepare('UPDATE batches SET sent = 1 WHERE tag = ?').run(tag);
}

export function nameBatch(database: DatabaseSync, tag: string, name: string): void {
  database.prepare('UPDATE batches SET name = ? WHERE tag = ?').run(name, tag);
}

export function closeBatch(database: DatabaseSync, tag: string): void {
  database.prepare('UPDATE batches SET open = 0 WHERE tag = ?').run(tag);
}

/** How many batches there ever were: what makes the tag of the next one its own. */
export function countBatches(database: DatabaseSync): number {
  return (database.prepare('SELECT count(*) AS count FROM batches').get() as { count: number }).count;
}
