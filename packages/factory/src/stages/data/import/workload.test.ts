import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ImportOptions } from '@cogumi/data/import';
import { sharedData } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { importStage } from './stage.ts';

describe('the workload that a plan expects', () => {
  const expected = (source: object, bytes?: number) => {
    const options = ImportOptions.parse({ sources: [{ path: 'empty.jsonl' }, source] });
    return importStage.workload(options, {}, { 0: { bytes: 0 }, ...(bytes === undefined ? {} : { 1: { bytes } }) });
  };

  it.each([
    ['alpaca/alpaca_cleaned.jsonl.gz', 51_924],
    ['dolly/dolly_6400_flan_t5_xl.jsonl.gz', 6400],
    ['gsm8k/train.jsonl.gz', 7473],
  ])('of %s is within a quarter of its %i rows, compressed and not', (path, rows) => {
    const packed = readFileSync(sharedData(path));
    for (const { items, gives } of [
      expected({ path }, packed.length),
      expected({ path: path.slice(0, -3) }, gunzipSync(packed).length),
    ]) {
      expect(Math.abs(items / rows - 1)).toBeLessThan(0.25);
      expect(gives).toBe(items);
    }
  });

  it('reads all rows and gives at most `take`; a folder counts as a large set', () => {
    expect(expected({ path: 'rows.jsonl', take: 10 }, 450_000)).toMatchObject({ items: 1000, gives: 10 });
    expect(expected({ path: 'rows.jsonl', take: 1e6 }, 4500)).toMatchObject({ items: 10, gives: 10 });
    const files = ['train.parquet'];
    expect(expected({ hub: 'owner/set', files }, 450_000)).toMatchObject({ items: 3000, gives: 3000 });
    expect(expected({ path: 'folder' })).toMatchObject({ items: 50_000, gives: 50_000 });
    expect(expected({ path: 'folder', take: 70_000 })).toMatchObject({ items: 70_000, gives: 70_000 });
  });
});
