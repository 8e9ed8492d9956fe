import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '@cogumi/pure';
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

/** Replies that were bought, by key. A damaged one counts as none, and is replaced by the next. */
export interface Replies {
  has(key: string): boolean;
  find(key: string): ChatReply | null;
}

export function openReplies(database: DatabaseSync): Replies {
  const exists = database.prepare('SELECT 1 FROM replies WHERE key = ? AND json_valid(reply)');
  const read = database.prepare('SELECT reply FROM replies WHERE key = ? AND json_valid(reply)');
  return {
    has: (key) => exists.get(key) !== undefined,
    find(key) {
      const row = read.get(key) as { reply: string } | undefined;
      return row ? (JSON.parse(row.reply) as ChatReply) : null;
    },
  };
}
