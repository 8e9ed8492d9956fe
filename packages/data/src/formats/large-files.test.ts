import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from './byte-source.ts';
import { readRecords } from './read-records.ts';

/** Bytes that are generated when they are read: `before`, then `inside` repeated, then `after`. */
function virtualFile(before: string, inside: string, times: number, after: string, name = 'virtual.json'): ByteSource {
  const pattern = Buffer.from(inside.repeat(Math.ceil(2 ** 20 / inside.length)));
  const end = before.length + inside.length * times;
  const slice = async (start: number, to: number) => {
    const bytes = Buffer.alloc(to - start);
    for (let at = start; at < to; ) {
      const [from, piece] =
        at < before.length
          ? [at, Buffer.from(before)]
          : at < end
            ? [
                (at - before.length) % inside.length,
                pattern.subarray(0, end - at + ((at - before.length) % inside.length)),
              ]
            : [at - end, Buffer.from(after)];
      at += piece.copy(bytes, at - start, from);
    }
    return bytes;
  };
  return { name, byteLength: end + after.length, slice, close: async () => {} };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Bytes read between two looks at the memory. */
const LOOK_BYTES = 32 * 2 ** 20;

/** What reading keeps at most, in bytes. What the garbage collector has left for later does not count. */
async function peakOf(source: ByteSource, onRecord: (record: unknown) => void): Promise<number> {
  const kept = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = kept();
  let [peak, looked] = [before, 0];
  const onBytes = (bytes: number) => {
    if (bytes - looked < LOOK_BYTES) return;
    looked = bytes;
    peak = Math.max(peak, kept());
  };
  for await (const record of readRecords(source, { onBytes })) onRecord(record);
  return peak - before;
}

/** A fraction of the files here (chosen; 5 to 34 MB were measured). */
const BOUND = 128e6;

describe('a record of 1 GB', () => {
  it.each([
    ['line', 'virtual.json', '{"a":1}\n{"a":"', '"}\n{"a":2}\n', '1000000008 bytes in one line'],
    ['element', 'virtual.json', '[{"a":1},{"a":"', '"},{"a":2}]', '1000000008 bytes'],
    ['row', 'virtual.csv', 'a,b\n1,\n"",{"a":"', '\n2,\n', '1000000009 bytes'],
  ])('is refused as a %s in the memory of a small one, and what follows is read', async (...given) => {
    const [what, name, before, after, reason] = given;
    const records: object[] = [];
    const source = virtualFile(before, 'x'.repeat(1000), 1_000_000, after, name);
    const peak = await peakOf(source, (record) => records.push(record as object));
    const [value, last] =
      what === 'row'
        ? [
            { a: '1', b: '' },
            { a: '2', b: '' },
          ]
        : [{ a: 1 }, { a: 2 }];
    const start = what === 'row' ? ',{"a":"' : '{"a":"';
    expect(records).toEqual([
      { number: 1, value },
      { number: 2, reason: `has ${reason}, more than 16777216`, excerpt: start.padEnd(200, 'x') },
      { number: 3, value: last },
    ]);
    console.info(peak);
    expect(peak).toBeLessThan(BOUND);
  });
});

describe('a file of many records', () => {
  it('is read in memory that does not grow with the file', async () => {
    const record = `{"instruction": "${'x'.repeat(2000)}", "output": "y"},`;
    let records = 0;
    const source = virtualFile('[', record, 500_000, '{}]');
    const peak = await peakOf(source, () => records++);
    expect(records).toBe(500_001);
    console.info(peak);
    expect(peak).toBeLessThan(BOUND);
  });
});
