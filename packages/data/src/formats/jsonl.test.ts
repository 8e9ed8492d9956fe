import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type JsonlWriter, openJsonlWriter, readAllJsonl, withWriters, writeJsonl } from './jsonl.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-jsonl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = (name: string) => join(folder, name);
const Text = z.object({ text: z.string() });

describe('a JSONL file', () => {
  it('returns what was written, over many chunks, for any strings', async () => {
    const rows = Array.from({ length: 40_000 }, (_, row) => ({
      text: `${row} ${'é\u2028\u0085\n✓'[row % 5]} ${'x'.repeat(row % 97)}`,
    }));
    await writeJsonl(place('rows.jsonl'), rows);
    expect(statSync(place('rows.jsonl')).size).toBeGreaterThan(2 * 2 ** 20);
    expect(await readAllJsonl(place('rows.jsonl'), Text)).toEqual(rows);
  });

  it('may lack its last newline and have blank lines', async () => {
    writeFileSync(place('blank.jsonl'), '{"text":"a"}\n\n{"text":"b"}');
    expect(await readAllJsonl(place('blank.jsonl'), Text)).toEqual([{ text: 'a' }, { text: 'b' }]);
    writeFileSync(place('none.jsonl'), '');
    expect(await readAllJsonl(place('none.jsonl'), Text)).toEqual([]);
  });

  it.each([
    ['{"text":"a"}\n{"text":1}\n', 'line 2: text: Invalid input: expected string, received number'],
    ['{"text":"a"}\n\n{"text"', 'line 3: is not JSON'],
    [Buffer.from([0x22, 0xff, 0x22]), 'line 1: is not UTF-8'],
    [`{"text":"${'x'.repeat(16 * 2 ** 20)}"}`, 'line 1: has 16777227 bytes in one line, more than 16777216'],
  ])('is refused with the number of the line that is no row (%#)', async (bytes, message) => {
    writeFileSync(place('wrong.jsonl'), bytes);
    await expect(readAllJsonl(place('wrong.jsonl'), Text)).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining(message),
    });
  });
});

describe('writing', () => {
  it('waits for a slow disk instead of holding the rows', async () => {
    execFileSync('mkfifo', [place('pipe')]); // takes nothing until somebody reads
    const writer = openJsonlWriter(place('pipe'));
    let taken = 0;
    const writing = (async () => {
      for (; taken < 10_000; taken++) await writer.write({ text: 'x'.repeat(1000) });
      await writer.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).toBeLessThan(200);
    const [text] = await Promise.all([readFile(place('pipe'), 'utf8'), writing]);
    expect(text.split('\n')).toHaveLength(10_001);
  });

  it('fails with the error of the file system', async () => {
    await expect(writeJsonl(place('no/such/folder'), [1])).rejects.toMatchObject({ code: 'ENOENT' });
    const rows = (function* () {
      yield 1;
      throw new RangeError('the source of the rows failed');
    })();
    await expect(writeJsonl(place('failed.jsonl'), rows)).rejects.toThrow('the source of the rows failed');
  });

  it('of several files ends with all of them complete, or all of them closed', async () => {
    const paths = { kept: place('kept.jsonl'), dropped: place('rejected.jsonl') };
    const count = await withWriters(paths, async ({ kept, dropped }) => {
      await kept.write({ text: 'a' });
      await dropped.write({ text: 'b' });
      return 2;
    });
    expect(count).toBe(2);
    expect(await readAllJsonl(paths.kept, Text)).toEqual([{ text: 'a' }]);
    expect(await readAllJsonl(paths.dropped, Text)).toEqual([{ text: 'b' }]);

    let given: JsonlWriter | undefined;
    const failing = withWriters(paths, async ({ kept }) => {
      given = kept;
      await kept.write({ text: 'a' });
      throw new RangeError('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    await expect(given?.end()).rejects.toThrow();
    // The second cannot even be opened: the first is closed all the same, and takes nothing more.
    const unable = withWriters({ ...paths, dropped: place('no/such/folder') }, async ({ kept, dropped }) => {
      given = kept;
      await dropped.write({ text: 'x'.repeat(2 ** 17) }); // enough to be handed to the system
    });
    await expect(unable).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(given?.end()).rejects.toThrow();
  });
});
