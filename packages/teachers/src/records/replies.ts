import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '@cogumi/pure';
import type { ChatCall, ChatReply } from '../provider.ts';

/**
 * The cache key of a request: teacher, prompt and parameters. Stage, run and recipe are no part of it, so that no recipe pays
 * twice for the same reply.
 *
 * @param attempt - 0, or more for a deliberate repetition: after a reply in the wrong format, or for another sample.
 */
export function keyOfCall(
  teacher: string,
  { messages, maxTokens, temperature, schema }: ChatCall,
  attempt: number,
): string {
  return hash('sha256', canonicalJson({ teacher, messages, maxTokens, temperature, schema, attempt }));
}

/** Paid replies by key. A damaged reply counts as missing and is replaced by the next one. */
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
