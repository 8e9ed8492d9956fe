import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The part of the log's end that an error message quotes (chosen). */
const LOG_TAIL_BYTES = 2000;
const LOG_TAIL_LINES = 5;

/** The last lines of a log, no further back than byte `start`; reads the end of the file only. */
export function logTail(path: string, start: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start, size - LOG_TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    readSync(file, bytes, 0, bytes.length, from);
    return bytes.toString('utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    closeSync(file);
  }
}

/** The end of a log as the end of an error message. */
export function quotedTail(tail: string): string {
  return tail === '' ? '' : ` Last lines of the log:\n${tail}`;
}
