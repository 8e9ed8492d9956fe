import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CogumiError } from '@cogumi/contracts';
import { hashJson, makeFolder } from '@cogumi/pure';
import type { EvalModel } from '../models/eval-model.ts';
import type { ChatRequest, Item } from '../tasks/task.ts';

/** Raise it when answers of older versions must not be used any more. */
const VERSION = 2;

/** What a model answered: a text, or the log-likelihood of each choice. */
export type Reply = string | readonly number[];

/** Answers of models by what they depend on: the model and the request. Scores are not kept, since they take no time. */
export interface AnswerCache {
  find(key: string): Reply | null;
  /** Keeps several answers, or none if the process is killed meanwhile. */
  keep(replies: ReadonlyMap<string, Reply>): void;
  close(): void;
}

/** Cache key of an answer. Task, item and settings are in it by the request that they make. */
export function keyOf({ identity }: EvalModel, { request }: Pick<Item, 'request'> | { request: ChatRequest }): string {
  return hashJson({ version: VERSION, identity, request });
}

/**
 * Opens the answers in a store, which it creates on first use.
 *
 * @param store - null: in memory.
 * @throws CogumiError EVAL_CACHE if the file cannot be used.
 */
export function openAnswerCache(store: string | null): AnswerCache {
  if (store !== null) makeFolder(store);
  const path = store === null ? ':memory:' : join(store, 'evals.sqlite');
  try {
    const database = new DatabaseSync(path);
    // A commit survives a kill of the process; a crash of the machine may undo the last commits.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
    database.exec('CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT');
    // A damaged answer counts as missing and is replaced.
    const read = database.prepare('SELECT answer FROM answers WHERE key = ? AND json_valid(answer)');
    const write = database.prepare('INSERT OR REPLACE INTO answers VALUES (?, ?)');
    return {
      find(key) {
        const row = read.get(key) as { answer: string } | undefined;
        return row ? (JSON.parse(row.answer) as Reply) : null;
      },
      keep(replies) {
        database.exec('BEGIN IMMEDIATE');
        for (const [key, reply] of replies) write.run(key, JSON.stringify(reply));
        database.exec('COMMIT');
      },
      close: () => database.close(),
    };
  } catch (cause) {
    throw new CogumiError(
      'EVAL_CACHE',
      `${path} cannot keep answers: ${(cause as Error).message}.`,
      'Remove the file, which only costs asking again, or name another folder with --store.',
      { cause },
    );
  }
}
