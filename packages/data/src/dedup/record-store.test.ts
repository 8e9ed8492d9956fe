import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK, RecordReader } from './record-reader.ts';
import { RecordStore } from './record-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-records-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Each record repeats its own number, so that a record read from a wrong place is noticed. */
const LENGTHS = [3, CHUNK - 10, 20, CHUNK + 5, 7, CHUNK - 1, 9, 2 * CHUNK, 1, 0, 4];
const record = (number: number) => new Uint32Array(LENGTHS[number] as number).fill(number + 1);

describe('RecordStore', () => {
  for (const chunks of [0, 1, 2, 4, 100])
    it(`returns every record unchanged with room for ${chunks} chunks in memory`, () => {
      const path = join(folder, 'records');
      const store = new RecordStore(chunks * CHUNK * 4, path);
      const positions = LENGTHS.map((length, number) => store.append(record(number), length));
      const reader = new RecordReader(store.records, 64);
      for (const number of [...LENGTHS.keys()].reverse()) {
        const length = LENGTHS[number] as number;
        reader.seek(positions[number] as number, length);
        const { numbers, start } = reader;
        // Comparing bytes is fast.
        expect(
          Buffer.from(numbers.slice(start, start + length).buffer).equals(Buffer.from(record(number).buffer)),
        ).toBe(true);
      }
      expect(existsSync(path)).toBe(chunks < 100);
      reader.close();
      store.close();
    });

  it('stores an empty record after a full chunk', () => {
    const store = new RecordStore(CHUNK * 4, join(folder, 'records'));
    store.append(new Uint32Array(CHUNK), CHUNK);
    const position = store.append(new Uint32Array(0), 0);
    expect(() => new RecordReader(store.records, 64).seek(position, 0)).not.toThrow();
    store.close();
  });
});
