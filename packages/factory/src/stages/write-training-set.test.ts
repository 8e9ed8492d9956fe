import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeTrainingSet } from './write-training-set.ts';

it.each([
  [10, 0.2, 2],
  // A share that rounds to nothing still leaves a row to validate on.
  [10, 0.01, 1],
  [1, 0.2, 1],
])(
  'of %i rows and a share of %d, %i are for validation and the rest for training, in their order',
  async (count, share, validation) => {
    const folder = mkdtempSync(join(tmpdir(), 'cogumi-training-set-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const rows = Array.from({ length: count }, (_, number) => ({ number }));
    expect(await writeTrainingSet(folder, rows, share)).toEqual({ train: count - validation, validation });
    const read = (file: string) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    expect([...read('validation.jsonl'), ...read('train.jsonl')]).toEqual(rows);
    expect(read('validation.jsonl')).toHaveLength(validation);
  },
);
