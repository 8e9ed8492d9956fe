import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CogumiError } from '@cogumi/contracts';
import { makeFolder } from '@cogumi/pure';

/** Version of the tables; raise it when older code could not read the new ones. */
const SCHEMA = 1;

/**
 * Requests to teachers, their costs and replies, in one SQLite file of the store: a reply and its cost are written in one
 * transaction, so that a kill leaves both or neither.
 */
const TABLES = `
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  recipe TEXT NOT NULL,
  run TEXT NOT NULL,
  stage TEXT NOT NULL,
  teacher TEXT NOT NULL,
  tier INTEGER,
  key TEXT NOT NULL,
  batch TEXT,
  reserved INTEGER NOT NULL,
  settled INTEGER,
  outcome TEXT NOT NULL DEFAULT 'open',
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX requests_by_recipe ON requests (recipe, run);
CREATE INDEX requests_by_batch ON requests (batch) WHERE batch IS NOT NULL;
CREATE TABLE replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL) STRICT;
CREATE TABLE batches (tag TEXT PRIMARY KEY, recipe TEXT NOT NULL, teacher TEXT NOT NULL, name TEXT, since INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL) STRICT;
`;

/** Path of the records in a store. */
export const recordsPath = (store: string): string => join(store, 'teachers.sqlite');

/**
 * Opens the records of a store and creates them on first use.
 *
 * @param store - Folder of the store; null: in memory.
 * @throws CogumiError RECORDS_UNREADABLE.
 */
export function openRecords(store: string | null): DatabaseSync {
  if (store !== null) makeFolder(store);
  const path = store === null ? ':memory:' : recordsPath(store);
  let database: DatabaseSync | null = null;
  try {
    // An empty file was emptied by someone: it would forget the spending and reset the budget.
    if (store !== null && existsSync(path) && statSync(path).size === 0) throw new Error('it is empty');
    database = new DatabaseSync(path);
    // A commit survives a kill of the process; a crash of the machine may undo the last commits.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
    const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (found === 0) database.exec(`BEGIN; ${TABLES} PRAGMA user_version = ${SCHEMA}; COMMIT`);
    else if (found !== SCHEMA) throw new Error(`it has layout ${found}, this version reads layout ${SCHEMA}`);
    return database;
  } catch (cause) {
    database?.close();
    throw recordsUnreadable(path, cause as Error);
  }
}

/** SQLite's READONLY and CANTOPEN. Also reading needs a folder that can be written: the log of changes lies in it. */
const NOT_WRITABLE = [8, 14];

/** The error of records that cannot be read or written. */
export function recordsUnreadable(path: string, cause: Error): CogumiError {
  const { errcode = 0 } = cause as Error & { errcode?: number };
  if (NOT_WRITABLE.includes(errcode & 0xff)) {
    return new CogumiError(
      'NOT_ALLOWED',
      `${path} cannot be opened: its folder is read-only, or you have no permission (${cause.message}).`,
      'Give a folder of your own with `--store DIR`, or change the permission.',
      { cause },
    );
  }
  return new CogumiError(
    'RECORDS_UNREADABLE',
    `The records of teachers at ${path} cannot be used: ${cause.message}.`,
    'Move the file away. The next build then starts without paid replies and with its whole budget.',
    { cause },
  );
}

/** Runs work in one transaction: all of it is written, or nothing. */
export function transaction(database: DatabaseSync): <Result>(work: () => Result) => Result {
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((sql) => database.prepare(sql));
  return (work) => {
    begin?.run();
    try {
      const result = work();
      commit?.run();
      return result;
    } catch (cause) {
      try {
        rollback?.run();
      } catch {
        // SQLite has rolled back by itself (as on a full disk); the first error matters.
      }
      throw cause;
    }
  };
}
