import type { DatabaseSync } from 'node:sqlite';

/** A recorded batch without all its results. */
export interface OpenBatch {
  readonly tag: string;
  /** The provider's id; null: the run was killed between recording the batch and receiving its id. */
  readonly name: string | null;
  /** Whether a submission was attempted; only then can the provider have the batch. */
  readonly sent: boolean;
  /** When it was recorded. Milliseconds since 1970. */
  readonly since: number;
  /** Requests without a result. */
  readonly requests: readonly { readonly id: number; readonly key: string }[];
}

/** Batches of a recipe and teacher that this run or an earlier one left open. */
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

/** Records that a submission will be attempted; must be called before the batch is sent. */
export function markSent(database: DatabaseSync, tag: string): void {
  database.prepare('UPDATE batches SET sent = 1 WHERE tag = ?').run(tag);
}

/** Records the provider's id of a batch. */
export function nameBatch(database: DatabaseSync, tag: string, name: string): void {
  database.prepare('UPDATE batches SET name = ? WHERE tag = ?').run(name, tag);
}

/** Records that no more results of a batch are expected. */
export function closeBatch(database: DatabaseSync, tag: string): void {
  database.prepare('UPDATE batches SET open = 0 WHERE tag = ?').run(tag);
}

/** Number of batches ever recorded; it makes the tag of the next batch unique. */
export function countBatches(database: DatabaseSync): number {
  return (database.prepare('SELECT count(*) AS count FROM batches').get() as { count: number }).count;
}
