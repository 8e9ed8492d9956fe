import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { isTooDeep } from '@cogumi/pure';
import { sharedData } from '@cogumi/pure/testing';
import fc from 'fast-check';
import { ByteWriter, ParquetWriter, parquetWriteBuffer, schemaFromColumnData } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from './byte-source.ts';
import { readCsv } from './read-csv.ts';
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
  it('splits only at newlines and keeps other separators inside strings', async () => {
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

  it('returns unreadable records with their line, and reads on', async () => {
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

  it('yields nothing for an empty file', async () => {
    expect(await readBytes('empty.jsonl', '')).toEqual([]);
    expect(await readBytes('blank.jsonl', ' \n\n')).toEqual([]);
  });
});

describe('one JSON array', () => {
  it('yields its elements, whatever their strings contain', async () => {
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

  it('returns an invalid element as unreadable, and refuses an array without an end or with text after it', async () => {
    expect(values(await readBytes('element.json', '[{"a":1},{"a"},{"a":2}]'))).toEqual([
      { a: 1 },
      'is not JSON',
      { a: 2 },
    ]);
    await expect(readBytes('cut.json', '[{"a":1},{"a":')).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('it ends before its array does. 1 records were read from 14 of its 14 bytes'),
    });
    await expect(readBytes('more.json', '[1] [2]')).rejects.toThrow('has text after its array has ended');
  });
});

describe('files that are not lists of records', () => {
  it('include one object over several lines, whose lists are named', async () => {
    const whole = { about: { a: [1], '}': '{"' }, data: [{ a: 1 }], more: [] };
    await expect(readBytes('whole.json', JSON.stringify(whole, null, 2))).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('cannot be read: it is one JSON object over several lines'),
      hint: expect.stringContaining("'.data[]'"),
    });
    await expect(readBytes('whole.json', '{ "data": [\n{"a":1},\n{"a":2}\n]}')).rejects.toThrow('lists: "data"');
    await expect(readBytes('whole.json', '{\n "a": 1\n}')).rejects.toThrow('none of its first fields');
  });

  it('do not include files with a broken first line, or with one object a line', async () => {
    expect(values(await readBytes('first.jsonl', '{"a":\n{"a":1}\n'))).toEqual(['is not JSON', { a: 1 }]);
    expect(values(await readBytes('first.jsonl', '{"a":"b\nc"}\n{"a":1}'))).toEqual([
      'is not JSON',
      'is not JSON',
      { a: 1 },
    ]);
    expect(values(await readBytes('first.jsonl', '{"a":[1]}\n\n[2]\n'))).toEqual([{ a: [1] }, [2]]);
  });

  it.each(['\ufeff{"a":1}\n', '{"a":1}\n'])('include UTF-16: %j', async (text) => {
    const little = Buffer.from(text, 'utf16le');
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      await expect(readBytes('wide.jsonl', bytes)).rejects.toMatchObject({
        message: expect.stringContaining('UTF-16'),
        hint: expect.stringContaining('iconv'),
      });
    }
  });
});

describe('a file that changes', () => {
  it('is distinguished from a damaged one', async () => {
    const path = join(folder, 'shrinking.jsonl');
    writeFileSync(path, '{"a":1}\n'.repeat(100_000));
    const source = await openFile(path);
    truncateSync(path, 1000);
    await expect(Array.fromAsync(readRecords(source))).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    await source.close();
  });

  it('is noticed after reading, whether it grew, was replaced or was deleted', async () => {
    const path = join(folder, 'changing.jsonl');
    const changes = [
      () => appendFileSync(path, 'x'),
      () => rmSync(path),
      () => {
        rmSync(path);
        writeFileSync(path, '{"a":2}');
      },
    ];
    for (const change of changes) {
      writeFileSync(path, '{"a":1}');
      const source = await openFile(path);
      await source.refuseChange?.();
      change();
      await expect(source.refuseChange?.()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
      await source.close();
    }
  });
});

describe('compressed files', () => {
  const lines = Array.from({ length: 60_000 }, (_, number) =>
    JSON.stringify({ number, text: 'x'.repeat(number % 50) }),
  );
  const text = lines.join('\n');
  const half = `${lines.slice(0, 30_000).join('\n')}\n`.length;

  it('are recognised by content, not by name, and read to their last member', async () => {
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

  it('are refused if truncated, with what was read', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      const packed = pack(text);
      for (const bytes of [packed.subarray(0, packed.length / 2), packed.subarray(0, -1)]) {
        await expect(readBytes('cut.jsonl.gz', bytes)).rejects.toMatchObject({
          code: 'IMPORT_CORRUPT',
          message: expect.stringMatching(
            /cut.jsonl.gz is damaged: it is truncated\. \d+ records were read from \d+ of its/,
          ),
        });
      }
    }
  });

  it('are refused if a byte is flipped and they have a checksum', async () => {
    const checked = (bytes: string) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    for (const pack of [gzipSync, checked]) {
      const packed = pack(text);
      packed[packed.length >> 1]! ^= 0xff;
      await expect(readBytes('flipped', packed)).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
    }
  });
});

describe('reading that is stopped', () => {
  it.each([
    ['plain', (text: string) => text],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('ends with the reason it was given: %s', async (_what, pack) => {
    const path = join(folder, 'stopped');
    const { buffer } = new Uint32Array(2 ** 20).map((_, place) => place * 2654435761);
    writeFileSync(path, pack(Buffer.from(buffer).toString('base64').replaceAll('A', '\n')));
    for (const reason of [undefined, new Error('enough')]) {
      const source = await openFile(path);
      const stop = new AbortController();
      const onBytes = () => stop.abort(reason);
      const reading = Array.fromAsync(readRecords(source, { signal: stop.signal, onBytes }));
      const thrown = await reading.catch((cause: unknown) => cause);
      expect(stop.signal.aborted).toBe(true);
      expect(thrown).toBe(stop.signal.reason);
      await source.close();
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

  it('returns rows with another number of fields or another encoding as unreadable, and reads on', async () => {
    const csv = Buffer.concat([Buffer.from('a,b\n1,2,3\n'), Buffer.from([0xe9]), Buffer.from(',2\n5,6\n')]);
    expect(values(await readBytes('wrong.csv', csv))).toEqual([
      'has 3 fields where the header has 2',
      'is not UTF-8',
      { a: '5', b: '6' },
    ]);
  });

  it('treats a quote in the middle of a field as a character, like pandas and Python', async () => {
    for (const [name, delimiter] of [
      ['inches.csv', ','],
      ['inches.tsv', '\t'],
    ] as const) {
      const lines = ['How long is 5" in cm?|12.7', 'a "word"|"b"" c"', ' "x"|'].join('\n').replaceAll('|', delimiter);
      expect(values(await readBytes(name, `q${delimiter}a\n${lines}`))).toEqual([
        { q: 'How long is 5" in cm?', a: '12.7' },
        { q: 'a "word"', a: 'b" c' },
        { q: ' "x"', a: '' },
      ]);
    }
  });

  it('returns a row with text after a closing quote as unreadable, since it may be two rows, and reads on', async () => {
    const csv = 'q,a\n"How long is 5" in cm?",12.7\n"never closed,1\n"another",2\n3,4\n';
    expect(await readBytes('behind.csv', csv)).toEqual([
      { number: 1, reason: 'has text after a closing quote', excerpt: '"How long is 5" in cm?",12.7' },
      { number: 2, reason: 'has text after a closing quote', excerpt: '"never closed,1\n"another",2' },
      { number: 3, value: { q: '3', a: '4' } },
    ]);
  });

  it('returns a row of more than 16 MiB as unreadable and reads on', async () => {
    const long = 'x'.repeat(9 * 2 ** 20);
    expect(await readBytes('long.csv', `a,b\n1,2\n${long},"${long}"\n3,4`)).toEqual([
      { number: 1, value: { a: '1', b: '2' } },
      { number: 2, reason: 'has 18874371 bytes, more than 16777216', excerpt: 'x'.repeat(200) },
      { number: 3, value: { a: '3', b: '4' } },
    ]);
  });

  it('refuses a file with a quote that is never closed, and names the row', async () => {
    await expect(readBytes('open.csv', 'a,b\n1,2\n3,"4\n5,6\n')).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('the quote that opens in row 2 is never closed. 1 records were read'),
      hint: expect.stringContaining('twice'),
    });
    await expect(readBytes('open.csv', '"a,b\n1,2\n')).rejects.toThrow('the quote that opens in its header');
  });

  it('returns what was written for any chunk borders', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\t', '\n', '\r', 'é', '😀', ' '), maxLength: 8 });
    const rows = fc.array(fc.tuple(text, text), { maxLength: 5 });
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (table, step, always) => {
        const written = (value: string) => (always || /[",\t\r\n]/.test(value) ? quoted(value) : value);
        const bytes = Buffer.from(`q,a\n${table.map((row) => `${row.map(written).join(',')}\r\n`).join('')}`);
        async function* cut() {
          for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
        }
        const read = values(await Array.fromAsync(readCsv(cut(), ',')));
        expect(read).toEqual(table.map(([q, a]) => ({ q, a })));
      }),
      { seed: 1, numRuns: 500 },
    );
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

  it('yields the rows of all groups, with integers as numbers', async () => {
    const records = await readBytes('table.parquet', bytes);
    expect(records).toHaveLength(rows);
    expect(records.at(-1)).toEqual({ number: rows, value: { question: 'What is 2499? \u2713', place: 2499 } });
  });

  it('says of bytes that are no text whether they are an image, a sound or a film', async () => {
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUg', 'base64');
    const data = [png, Buffer.from('RIFF\x10\x00\xff\x00WAVE', 'latin1'), Buffer.from('caf\xe9', 'latin1')];
    const table = parquetWriteBuffer({ columnData: [{ name: 'thing', data, type: 'BYTE_ARRAY' }] });
    expect(await readBytes('bytes.parquet', Buffer.from(table))).toMatchObject([
      { number: 1, reason: 'holds an image, and rows are text only' },
      { number: 2, reason: 'holds a sound, and rows are text only' },
      { number: 3, reason: 'is not UTF-8' },
    ]);
  });

  it('is refused if truncated', async () => {
    await expect(readBytes('cut.parquet', bytes.subarray(0, bytes.length - 100))).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
    });
    await expect(readBytes('tiny.parquet', bytes.subarray(0, 3))).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
  });

  it('is refused with a readable message if its footer is overwritten', async () => {
    for (const length of [8, 20, 60, 200]) {
      for (const fill of [0, 1, 0x15, 0x19, 0xff]) {
        const footer = Buffer.alloc(length + 8, fill);
        footer.writeUInt32LE(length, length);
        footer.write('PAR1', length + 4);
        const half = Buffer.concat([bytes.subarray(0, bytes.length / 2), footer]);
        await expect(readBytes('half.parquet', half)).rejects.toMatchObject({
          code: 'IMPORT_CORRUPT',
          message: expect.not.stringMatching(/undefined|is not a function|iterable/),
        });
      }
    }
  });

  it('with an empty row group is read to its end', async () => {
    const read: number[] = [];
    const path = join(folder, 'none.parquet');
    const bytes = new ByteWriter();
    const columnData = [{ name: 'text', data: [], type: 'STRING' as const }];
    const writer = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData }) });
    writer.row_groups.push({ columns: [], total_byte_size: 0n, num_rows: 0n });
    await writer.finish();
    writeFileSync(path, bytes.getBytes());
    const source = await openFile(path);
    expect(await Array.fromAsync(readRecords(source, { onBytes: (bytes) => read.push(bytes) }))).toEqual([]);
    await source.close();
    expect(read).toEqual([source.byteLength]);
  });

  it('yields a JSON column of any depth', async () => {
    const deep: unknown = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`);
    const data = [deep, [1]];
    const table = parquetWriteBuffer({ columnData: [{ name: 'json', data, type: 'JSON' }] });
    const [first, second] = values(await readBytes('deep.parquet', new Uint8Array(table)));
    expect(isTooDeep(first)).toBe(true);
    expect(JSON.stringify(first).length).toBeLessThan(300);
    expect(second).toEqual({ json: [1] });
  });

  it('is refused if a page cannot be decoded', async () => {
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
