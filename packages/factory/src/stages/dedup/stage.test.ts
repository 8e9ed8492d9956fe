import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Row } from '@cogumi/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAllJsonl, writeJsonl } from '../../artifacts/jsonl.ts';
import type { StageContext } from '../../stage/context.ts';
import { sampleRow } from '../../testing/sample-row.ts';
import { DedupOptions } from './options.ts';
import { dedup } from './stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-dedup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (question_id: string, source: string, question: string, answer: string) =>
  sampleRow({ question_id, source, question, answer });
const QUESTION =
  'Tell me in three short sentences how bees find their way home after a long flight over unknown fields.';

/** The stage on these rows, as a build runs it. */
async function run(rows: readonly Row[], options: object = {}) {
  await writeJsonl(join(folder, 'rows.jsonl'), rows);
  const output = mkdtempSync(join(folder, 'out-'));
  const context = {
    options: DedupOptions.parse(options),
    output,
    input: () => ({ path: (file: string) => join(folder, file) }),
  };
  const { gates, facts } = await dedup.run(context as unknown as StageContext<DedupOptions>);
  const ids = (await readAllJsonl(join(output, 'rows.jsonl'), Row)).map(({ question_id }) => question_id);
  const removed = await readAllJsonl(join(output, 'removed.jsonl'), Row.loose());
  return { ids, removed, facts, verdicts: Object.fromEntries(gates.map(({ name, verdict }) => [name, verdict])) };
}

describe('dedup', () => {
  it('keeps the row of the earlier source, and tells who went for whose sake', async () => {
    const { ids, removed, facts, verdicts } = await run([
      row('a1', 'a', QUESTION, 'They remember landmarks and the angle of the sun.'),
      row('a2', 'a', 'What is the capital of France?', 'Paris.'),
      row('b1', 'b', `${QUESTION.toUpperCase()}`, 'They remember landmarks and the angle of the sun!'),
      row('b2', 'b', `${QUESTION} Please.`, 'They remember landmarks and the angle of the sun.'),
      row('b3', 'b', 'Name a river.', 'The Nile.'),
      row('b4', 'b', 'Name a mountain.', 'Mont Blanc.'),
    ]);
    expect(ids).toEqual(['a1', 'a2', 'b3', 'b4']);
    // A word between question and answer: 28 words become 29, two of 26 shingles go and three come.
    expect(removed).toMatchObject([
      { question_id: 'b1', keeper: 'a1', similarity: 1 },
      { question_id: 'b2', keeper: 'a1', similarity: expect.closeTo(24 / 29, 6) },
    ]);
    expect(facts).toMatchObject({
      rows: 4,
      exact: 1,
      near: 1,
      bySource: { a: { rows: 2, removed: 0 }, b: { rows: 4, removed: 2 } },
      clusters: [{ rows: 3, keeper: 'a1' }],
    });
    expect(verdicts).toEqual({ 'loss-a': 'pass', 'loss-b': 'pass' });
  });

  it('compares questions alone when told so', async () => {
    const rows = [
      row('a1', 'a', QUESTION, 'By the sun.'),
      row('a2', 'a', QUESTION, 'Nobody knows, though many have tried to.'),
    ];
    expect((await run(rows)).ids).toHaveLength(2);
    expect((await run(rows, { text: 'question' })).ids).toHaveLength(1);
  });

  it('gives alarm for a source that is mostly one row', async () => {
    const rows = Array.from({ length: 8 }, (_, at) => row(`a${at}`, 'a', QUESTION, 'By the sun.'));
    expect((await run(rows)).verdicts).toEqual({ 'loss-a': 'fail' });
    expect((await run([])).ids).toEqual([]);
  });
});
