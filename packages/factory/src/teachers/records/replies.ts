import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../artifacts/canonical-json.ts';
import type { ChatCall, ChatReply } from '../provider.ts';

/**
 * What makes two requests the same: who is asked, what, and how. Where it is asked from, by whom and for which recipe does
 * not matter: what is paid for once is never bought again.
 *
 * @param attempt - 0, or more where the same is asked anew on purpose: after a reply out of form, or for another sample.
 */
export function keyOfCall(
  teacher: string,
  { messages, maxTokens, temperature, schema }: ChatCall,
  attempt: number,
): string {
  return hash('sha256', canonicalJson({ teacher, messages, maxTokens, temperature, schema, attempt }));
}

/** Whether a reply was bought under this key; `findReply` may still find it damaged. */
export function hasReply(database: DatabaseSync, key: string): boolean {
  return database.prepare('SELECT 1 FROM replies WHERE key = ?').get(key) !== undefined;
}

/** The reply that was bought under this key; null: none yet. */
export function findReply(database: DatabaseSync, key: string): ChatReply | null {
  const row = database.prepare('SELECT reply FROM replies WHERE key = ?').get(key) as { reply: string } | undefined;
  if (!row) return null;
  try {
    return JSON.parse(row.reply) as ChatReply;
  } catch {
    // Damaged: it has to be asked for again.
    database.prepare('DELETE FROM replies WHERE key = ?').run(key);
    return null;
  }
}
