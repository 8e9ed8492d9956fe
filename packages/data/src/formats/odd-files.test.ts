import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from './byte-source.ts';
import { readRecords } from './read-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-odd-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Values of the records in a file with this name, or their reasons. */
async function read(name: string, bytes: string | Uint8Array): Promise<unknown[]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const source = await openFile(path);
  try {
    const records = await Array.fromAsync(readRecords(source));
    return records.map((record) => ('value' in record ? record.value : record.reason));
  } finally {
    await source.close();
  }
}

const LINE = '{"a":1}\n';
const parquet = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'a', data: [1], type: 'DOUBLE' }] }));
/** `zstd --ultra --long=31 -22` of two lines: its frame asks for a window of 2 GiB. */
const long31 = (window: number) =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window, 0x41, 0x00, 0x00]), Buffer.from(LINE)]);

describe('a zstd file', () => {
  it('with a window of 2 GiB is read', async () => {
    expect(await read('long.jsonl.zst', long31(0xa8))).toEqual([{ a: 1 }]);
  });

  it('with a larger window is refused with both sizes', async () => {
    await expect(read('longer.jsonl.zst', long31(0xb8))).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining('asks for a window of 8192 MiB, more than the 2048 MiB that zstd decodes'),
      hint: expect.stringContaining('zstd --long=27'),
    });
  });

  it('with a long window that is truncated is called truncated', async () => {
    await expect(read('cut.jsonl.zst', long31(0xa8).subarray(0, -2))).rejects.toThrow('is damaged: it is truncated');
  });

  it('that begins with a skippable frame, as pzstd writes it, is read to its last frame', async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    const frames = [skippable, zstdCompressSync(LINE), skippable, zstdCompressSync('{"a":2}\n')];
    expect(await read('frames.jsonl.zst', Buffer.concat(frames))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('that needs a dictionary says so', async () => {
    const withDictionary = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x40, 0x05, 0x01, 0x00, 0x00]);
    await expect(read('dictionary.jsonl.zst', withDictionary)).rejects.toMatchObject({
      message: expect.stringContaining('compressed with a zstd dictionary'),
      hint: expect.stringContaining('zstd -d -D DICTIONARY'),
    });
  });
});

describe('a file with a wrong name is read by its content', () => {
  it.each([
    ['gz-named.jsonl.zst', gzipSync(LINE)],
    ['zst-named.jsonl.gz', zstdCompressSync(LINE)],
    ['plain-named.jsonl.gz', LINE],
    ['gz-named.jsonl', gzipSync(LINE)],
    ['parquet-named.jsonl', parquet],
    ['lines-named.parquet', LINE],
    ['lines-named.csv', LINE],
    ['array-named.csv', '[{"a":1}]'],
    ['members.jsonl.gz', Buffer.concat([gzipSync('{"a"'), gzipSync(':1}\n'), gzipSync('')])],
  ])('%s', async (name, bytes) => {
    expect(await read(name, bytes)).toEqual([{ a: 1 }]);
  });
});

describe('a file without records says what it is', () => {
  const lfs = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`;
  const page = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>';
  it.each([
    ['page.jsonl.gz', page, 'it is a web page', '/resolve/'],
    ['page.csv', `\n  ${page.toLowerCase()}`, 'it is a web page', '/resolve/'],
    ['page.parquet', page, 'it is a web page', '/resolve/'],
    ['packed-page.jsonl.gz', gzipSync(page), 'it is a web page', '/resolve/'],
    ['denied.jsonl', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'an XML document', 'editor'],
    ['pointer.parquet', lfs, 'a Git LFS pointer', 'git lfs pull'],
    ['pointer.jsonl.zst', lfs, 'a Git LFS pointer', 'git lfs pull'],
    ['annex.jsonl', '/annex/objects/SHA256E-s9--ab.jsonl\n', 'a git-annex pointer', 'git annex get'],
    ['annex.csv', '../.git/annex/objects/Xx/9k/SHA256E-s9--ab/SHA256E-s9--ab', 'a git-annex pointer', 'git annex get'],
    ['table.parquet.gz', gzipSync(parquet), 'a Parquet file in compressed form', 'gunzip FILE'],
    ['table.parquet', zstdCompressSync(parquet), 'a Parquet file in compressed form', 'zstd -d FILE'],
    ['twice.jsonl.gz', gzipSync(gzipSync(LINE)), 'compressed twice', 'gunzip FILE'],
    ['book.csv', Buffer.from('PK\x03\x04rest'), 'a zip archive or an Excel workbook', 'Unpack'],
    [
      'all.tar.gz',
      gzipSync(Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\0')])),
      'a tar archive',
      'Unpack',
    ],
    ['lines.jsonl', Buffer.from('\xfd7zXZ\0', 'latin1'), 'compressed with xz', 'unxz'],
    ['lines.jsonl.gz', Buffer.from('BZh91AY&SY'), 'compressed with bzip2', 'bunzip2'],
    ['data.arrow', Buffer.from('ARROW1\0\0'), 'an Arrow or Feather file', 'to_parquet|write_table'],
    ['data-00000-of-00001.arrow', Buffer.from([255, 255, 255, 255, 16, 0]), 'an Arrow stream', 'to_parquet'],
  ])('%s', async (name, bytes, what, hint) => {
    await expect(read(name, bytes)).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringMatching(new RegExp(`^\\S+ cannot be read: .*${what}`)),
      hint: expect.stringMatching(hint),
    });
  });

  it('and a text that merely looks like it at a later place is read', async () => {
    const value = { a: '<html>', b: 'version https://git-lfs.github.com/spec/v1', c: 'PAR1' };
    expect(await read('text.jsonl', JSON.stringify(value))).toEqual([value]);
    expect(await read('text.csv', 'text\nPAR1\n<html>\n')).toEqual([{ text: 'PAR1' }, { text: '<html>' }]);
  });
});

describe('a name that stands twice', () => {
  it.each([
    [
      'twice.csv',
      'instruction,output,output\nName a river.,The Ebro.,WRONG\n',
      '"output" stands twice, as number 2 and 3',
    ],
    ['twice.tsv', 'q\ta\tq\n1\t2\t3\n', '"q" stands twice, as number 1 and 3'],
    ['spaces.csv', 'a, a \n1,2\n', '"a" stands twice'],
    ['quoted.csv', '"a";a\n1;2\n', '"a" stands twice'],
  ])('in %s is refused with its places', async (name, text, message) => {
    await expect(read(name, text)).rejects.toMatchObject({
      code: 'IMPORT_CORRUPT',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('Rename or remove'),
    });
  });

  it('does not include columns without a name, and names that differ', async () => {
    expect(await read('blank.csv', 'a,,A,\n1,2,3,4\n')).toMatchObject([{ a: '1', A: '3' }]);
  });

  it('in a Parquet file is refused, also inside a struct', async () => {
    const column = (name: string) => ({ name, data: ['x'], type: 'STRING' as const });
    const twice = parquetWriteBuffer({ columnData: [column('q'), column('a'), column('b')] });
    const bytes = Buffer.from(twice);
    for (let at = bytes.indexOf('\x18\x01b', 4, 'latin1'); at !== -1; at = bytes.indexOf('\x18\x01b', at, 'latin1')) {
      bytes[at + 2] = 0x61;
    }
    await expect(read('twice.parquet', bytes)).rejects.toThrow('its column "a" stands twice');
  });

  it('in a JSON object costs the record, which names it', async () => {
    const text = '{"q":"1","a":"x","a":"y"}\n{"q":"1","m":[{"role":"user","role":"assistant"}]}\n{"q":"2","a":"z"}\n';
    const found = ['has the key "a" twice in one object', 'has the key "role" twice in one object', { q: '2', a: 'z' }];
    expect(await read('twice.jsonl', text)).toEqual(found);
    expect(await read('twice.json', `[${text.trim().replaceAll('\n', ',')}]`)).toEqual(found);
  });
});

describe('a table is split by the delimiter of its header', () => {
  it.each([
    ['a;b\n"1;2";3,5\n', [{ a: '1;2', b: '3,5' }]],
    ['sep=;\r\na;b\r\n1;2\r\n', [{ a: '1', b: '2' }]],
    ['\ufeffsep=|\na|b,c\n1|2\n', [{ a: '1', 'b,c': '2' }]],
    ['a\tb\n1;1\t2\n', [{ a: '1;1', b: '2' }]],
    ['a|b\n1|2\n', [{ a: '1', b: '2' }]],
    ['\n"x;y;z",b\n1;1,2\n', [{ 'x;y;z': '1;1', b: '2' }]],
    ['a\n1;2\n', [{ a: '1;2' }]],
  ])('%j', async (text, rows) => {
    expect(await read('table.csv', text)).toEqual(rows);
  });
});

describe('numbers that JSON lacks', () => {
  it('are read as numbers, in lines and in an array', async () => {
    const text = '{"q":"a","score":NaN}\n{"q":"Infinity","score":-Infinity}\n';
    const found = [
      { q: 'a', score: Number.NaN },
      { q: 'Infinity', score: -Infinity },
    ];
    expect(await read('numbers.jsonl', text)).toEqual(found);
    expect(await read('numbers.json', `[${text.trim().replace('\n', ',')}]`)).toEqual(found);
  });
});

describe('whole numbers of Parquet beyond 2^53', () => {
  it('keep their digits, which a number would round', async () => {
    const columnData = [{ name: 'a', data: [9007199254740993n, 42n], type: 'INT64' as const }];
    const bytes = Buffer.from(parquetWriteBuffer({ columnData }));
    const records = await read('large.parquet', bytes);
    expect(JSON.stringify(records)).toBe('[{"a":9007199254740993},{"a":42}]');
    expect(records).toEqual(await read('large.jsonl', '{"a":9007199254740993}\n{"a":42}\n'));
  });
});

it('a checksum that does not match is damage, whatever the window', async () => {
  const packed = zstdCompressSync('x'.repeat(5000), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  packed[packed.length - 1]! ^= 0xff;
  await expect(read('sum.jsonl.zst', packed)).rejects.toThrow('is damaged');
});
