import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Gsm8kRow } from '../tasks/gsm8k.ts';
import { readRows } from './read-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-evals-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, data: string | Uint8Array) => {
  writeFileSync(join(folder, name), data);
  return join(folder, name);
};
const row = '{"question":"a\u2028b","answer":"#### 1","more":2}\n';

describe('readRows', () => {
  it('reads JSON Lines as they are and packed, split at line feeds alone', async () => {
    const expected = [{ question: 'a\u2028b', answer: '#### 1' }];
    expect((await readRows(write('a.jsonl', row), Gsm8kRow)).rows).toEqual(expected);
    expect((await readRows(write('a.jsonl.gz', gzipSync(row)), Gsm8kRow)).rows).toEqual(expected);
  });

  it.each([
    ['a file that is not there', 'none.jsonl', null, 'EVAL_DATA', 'ENOENT'],
    ['a file without rows', 'empty.jsonl', '\n\n', 'EVAL_DATA', 'has no row'],
    ['a row that is no JSON', 'text.jsonl', `${row}Hello`, 'EVAL_ROW', 'Row 2'],
    [
      'a row without a field',
      'field.jsonl',
      `${row}{"question":"a","target":"b"}`,
      'EVAL_ROW',
      '"answer", but it has fields question, target',
    ],
    ['a packed file that was cut', 'cut.gz', gzipSync(row).subarray(0, 20), 'EVAL_DATA', 'cannot be read'],
  ] as const)('refuses %s', async (_, name, data, code, message) => {
    const path = data === null ? join(folder, name) : write(name, data);
    const reading = readRows(path, Gsm8kRow);
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
