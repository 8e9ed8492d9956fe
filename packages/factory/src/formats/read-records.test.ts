import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../llama/src/testing/shared-data.ts';
import { openFile } from './byte-source.ts';
import { readRecords } from './read-records.ts';
import type { FileRecord } from './record.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(path: string): Promise<FileRecord[]> {
  const source = await openFile(path);
  try {
    return await Array.fromAsync(readRecords(source));
  } finally {
    await source.close();
  }
}

async function readBytes(name: string, bytes: string | Uint8Array): Promise<FileRecord[]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return readAll(path);
}

const values = (records: FileRecord[]) => records.map((record) => ('value' in record ? record.value : record.reason));

describe('JSON Lines', () => {
  it('splits at newlines alone and keeps separators that stand inside strings', async () => {
    const lines = '{"a":"x\u2028y"}\n{"a":"x\u2029y"}\r\n\n{"a":"x\u0085y"}';
    expect(await readBytes('separators.jsonl', lines)).toEqual([
      { number: 1, value: { a: 'x\u2028y' } },
      { number: 2, value: { a: 'x\u2029y' } },
      { number: 4, value: { a: 'x\u0085y' } },
    ]);
  });

  it('drops a byte order mark and keeps one inside', async () => {
    expect(values(await readBytes('mark.jsonl', '\ufeff{"a":"\ufeff"}\n'))).toEqual([{ a: '\ufeff' }]);
  });

  it('gives what cannot be read with its line, and goes on', async () => {
    const lines = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":\n{"name":"caf'),
      Buffer.from([0xe9]), // é in Latin-1
      Buffer.from('"}\n{"a":"caf\u00e9"}\n{"a":"\0"}\n'),
    ]);
    expect(await readBytes('mixed.jsonl', lines)).toEqual([
      { number: 1, value: { a: 1 } },
      { number: 2, reason: 'is not JSON', excerpt: '{"a":' },
      { number: 3, reason: 'is not UTF-8', excerpt: '{"name":"caf\ufffd"}' },
      { number: 4, value: { a: 'caf\u00e9' } },
      { number: 5, reason: 'is not JSON', excerpt: '{"a":"\0"}' },
    ]);
  });

  it('is empty where the file is', async () => {
    expect(await readBytes('empty.jsonl', '')).toEqual([]);
    expect(await readBytes('blank.jsonl', ' \n\n')).toEqual([]);
  });
});

describe('one JSON array', () => {
  it('gives its elements, whatever stands in their strings', async () => {
    const array = [{ a: '],{"\\"' }, { b: [1, { c: [] }] }, 'x, y', null, 3];
    for (const text of [
      JSON.stringify(array),
      JSON.stringify(array, null, 2),
      `\ufeff \n${JSON.stringify(array)}\n `,
    ]) {
      expect(values(await readBytes('array.json', text))).toEqual(array);
    }
    expect(await readBytes('none.json', '[ ]')).toEqual([]);
  });

  it('refuses an element that is no JSON, and an array that does not end or goes on', async () => {
    expect(values(await readBytes('element.json', '[{"a":1},{"a"},{"a":2}]'))).toEqual([
      { a: 1 },
      'is not JSON',
      { a: 2 },
    ]);
    await expect(readBytes('cut.json', '[{"a":1},{"a":')).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('it ends before its array does. 1 records were read from 14 of its 14 bytes'),
    });
    await expect(readBytes('more.json', '[1] [2]')).rejects.toThrow('goes on after its array has ended');
  });
});

describe('packed files', () => {
  const lines = Array.from({ length: 60_000 }, (_, number) =>
    JSON.stringify({ number, text: 'x'.repeat(number % 50) }),
  );
  const text = lines.join('\n');
  const half = `${lines.slice(0, 30_000).join('\n')}\n`.length;

  it('are unpacked by what they hold, not by name, and to the last of their members', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      const packed = pack(text);
      const members = Buffer.concat([pack(text.slice(0, half)), pack(text.slice(half))]);
      for (const bytes of [packed, members]) {
        const records = await readBytes('blob', bytes);
        expect(records).toHaveLength(lines.length);
        expect(records.at(-1)).toEqual({ number: 60_000, value: JSON.parse(lines.at(-1) as string) });
      }
    }
  });

  it('are refused when cut short, with what was read', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      const packed = pack(text);
      for (const bytes of [packed.subarray(0, packed.length / 2), packed.subarray(0, -1)]) {
        await expect(readBytes('cut.jsonl.gz', bytes)).rejects.toMatchObject({
          code: 'IMPORT_CORRUPT',
          message: expect.stringMatching(
            /cut.jsonl.gz is damaged: it is cut short\. \d+ records were read from \d+ of its/,
          ),
        });
      }
    }
  });

  it('are refused when a byte is flipped and they carry a checksum', async () => {
    const checked = (bytes: string) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    for (const pack of [gzipSync, checked]) {
      const packed = pack(text);
      packed[packed.length >> 1]! ^= 0xff;
      await expect(readBytes('flipped', packed)).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
    }
  });
});

describe('CSV and TSV', () => {
  it('reads quotes, newlines inside them and a byte order mark', async () => {
    const csv = '\ufeffquestion,answer\r\n"What, ""now""?","two\nlines"\r\ncaf\u00e9,\u2713\n';
    expect(values(await readBytes('table.csv', csv))).toEqual([
      { question: 'What, "now"?', answer: 'two\nlines' },
      { question: 'caf\u00e9', answer: '\u2713' },
    ]);
    expect(values(await readBytes('table.tsv.gz', gzipSync('a\tb\n1,2\t3\n')))).toEqual([{ a: '1,2', b: '3' }]);
  });

  it('refuses rows with another number of fields or another encoding, and goes on', async () => {
    const csv = Buffer.concat([Buffer.from('a,b\n1,2,3\n'), Buffer.from([0xe9]), Buffer.from(',2\n5,6\n')]);
    expect(values(await readBytes('wrong.csv', csv))).toEqual([
      'has 3 fields where the header has 2',
      'is not UTF-8',
      { a: '5', b: '6' },
    ]);
  });

  it('refuses a file in which a quote is never closed', async () => {
    await expect(readBytes('open.csv', 'a,b\n1,2\n3,"4\n5,6\n')).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('Quote Not Closed: the parsing is finished with an opening quote at line'),
    });
  });
});

describe('Parquet', () => {
  const rows = 2500;
  const bytes = Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'question', data: Array.from({ length: rows }, (_, row) => `What is ${row}? \u2713`), type: 'STRING' },
        { name: 'place', data: Array.from({ length: rows }, (_, row) => BigInt(row)), type: 'INT64' },
      ],
      rowGroupSize: 1000,
    }),
  );

  it('gives rows of all groups, with whole numbers as numbers', async () => {
    const records = await readBytes('table.parquet', bytes);
    expect(records).toHaveLength(rows);
    expect(records.at(-1)).toEqual({ number: rows, value: { question: 'What is 2499? \u2713', place: 2499 } });
  });

  it('is refused when cut short', async () => {
    await expect(readBytes('cut.parquet', bytes.subarray(0, bytes.length - 100))).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
    });
    await expect(readBytes('tiny.parquet', bytes.subarray(0, 3))).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
  });

  it('is refused when a page does not decode', async () => {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 40, 2000);
    await expect(readBytes('damaged.parquet', damaged)).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
  });
});

describe('real files', () => {
  it.each([
    ['alpaca/alpaca_cleaned.jsonl.gz', 51_924],
    ['alpaca/alpaca_original_5000.json.gz', 5_000],
    ['mmlu/val.jsonl.gz', 1_542], // one of its strings holds a line separator
    ['gsm8k/train.jsonl.gz', 7_473],
    ['instruct/lima.json.gz', 1_029],
    ['preference/kto_en_demo.json.gz', 300],
    ['alpaca/seed_tasks.jsonl', 175],
  ])('%s has %i records, and all can be read', async (path, count) => {
    const records = await readAll(sharedData(path));
    expect(records.filter((record) => 'value' in record)).toHaveLength(count);
    expect(records).toHaveLength(count);
  });
});
