import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readAllJsonl, withWriters } from '../formats/jsonl.ts';
import { importSource, type PlacedRecord } from './import-source.ts';
import { takeAll } from './row-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-import-source-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('importSource', () => {
  it('rejects a Parquet record that is longer than any string can be, and reads on', async () => {
    const mebibyte = 'x'.repeat(2 ** 20);
    const turn = { role: 'system', content: mebibyte };
    const asked = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    async function* records(): AsyncGenerator<PlacedRecord> {
      for (const [at, system] of [[], Array(600).fill(turn), []].entries()) {
        yield { file: 'f', fileNumber: 1, number: at + 1, value: { messages: [...system, ...asked] } };
      }
    }
    const facts = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 1000 };
    const reading = { facts, format: 'auto', mapping: null, idAt: ({ number }: PlacedRecord) => `r${number}` };
    const paths = { rows: join(folder, 'rows.jsonl'), rejects: join(folder, 'rejects.jsonl') };
    const counts = await withWriters(paths, ({ rows, rejects }) =>
      importSource(records(), reading, takeAll(rows), rejects),
    );
    expect(counts).toMatchObject({ read: 3, taken: 2, rejected: 1, reasons: { 'too-long': 1 } });
    const [reject] = await readAllJsonl(paths.rejects, z.object({ number: z.int(), start: z.string().length(200) }));
    expect(reject?.number).toBe(2);
  });
});
