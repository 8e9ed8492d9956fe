import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '@cogumi/contracts';
import { EXACT, STAYS } from '@cogumi/data/dedup';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import type { CuratedRow } from '@cogumi/data/rows';
import { sampleRow } from '@cogumi/data/testing';
import { createRandom } from '@cogumi/pure';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StageContext } from '../../context.ts';
import { DedupRow } from './dedup-row.ts';
import { lossGates } from './loss-gates.ts';
import { Merits } from './merits.ts';
import { DedupOptions } from './options.ts';
import { dedup } from './stage.ts';
import { tallySources } from './tally.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-dedup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (question_id: string, source: string, question: string, answer: string) =>
  sampleRow({ question_id, source, question, answer });
const scored = (given: Row, score: number): CuratedRow => ({ ...given, score, language: 'en' });
const QUESTION =
  'Tell me in three short sentences how bees find their way home after a long flight over unknown fields.';
const ANSWER = 'They remember landmarks and the angle of the sun.';

/** The stage on these rows, as a build runs it. */
async function run(rows: readonly Row[], options: object = {}, given: Partial<StageContext<DedupOptions>> = {}) {
  await writeJsonl(join(folder, 'rows.jsonl'), rows);
  const output = mkdtempSync(join(folder, 'out-'));
  const context = {
    options: DedupOptions.parse(options),
    output,
    threads: 1,
    signal: new AbortController().signal,
    progress: () => {},
    input: () => ({ path: (file: string) => join(folder, file), manifest: { facts: { rows: rows.length } } }),
    ...given,
  };
  const { gates, facts } = await dedup.run(context as unknown as StageContext<DedupOptions>);
  const kept = await readAllJsonl(join(output, 'rows.jsonl'), DedupRow);
  const removed = await readAllJsonl(join(output, 'removed.jsonl'), DedupRow.loose());
  return {
    kept,
    ids: kept.map(({ question_id }) => question_id),
    removed,
    facts,
    verdicts: Object.fromEntries(gates.map(({ name, verdict }) => [name, verdict])),
  };
}

describe('dedup', () => {
  it('keeps the row with the best score, as it is, and tells who went for whose sake', async () => {
    const best = scored(row('b1', 'b', `${QUESTION.toUpperCase()}`, ANSWER), 0.9);
    const { kept, ids, removed, facts, verdicts } = await run([
      scored(row('a1', 'a', QUESTION, ANSWER), 0.7),
      scored(row('a2', 'a', 'What is the capital of France?', 'Paris.'), 0.2),
      best,
      scored(row('b2', 'b', `${QUESTION} Please.`, ANSWER), 0.8),
      scored(row('b3', 'b', 'Name a river.', 'The Nile.'), 0.5),
      scored(row('b4', 'b', 'Name a mountain.', 'Mont Blanc.'), 0.5),
    ]);
    expect(ids).toEqual(['a2', 'b1', 'b3', 'b4']);
    expect(kept[1]).toEqual(best);
    // A word between question and answer: 28 words become 29, two of 26 shingles go and three come.
    expect(removed).toMatchObject([
      { question_id: 'a1', keeper: 'b1', similarity: 1, score: 0.7 },
      { question_id: 'b2', keeper: 'b1', similarity: expect.closeTo(24 / 29, 6) },
    ]);
    expect(facts).toMatchObject({
      rows: 4,
      exact: 1,
      near: 1,
      bySource: {
        a: { rows: 2, exact: 1, near: 0, keptBy: { b: 1 } },
        b: { rows: 4, exact: 0, near: 1, keptBy: { b: 1 } },
      },
      clusters: [
        {
          rows: 3,
          keeper: 'b1',
          text: expect.stringMatching(/^TELL ME/),
          members: [
            { question_id: 'b2', similarity: expect.closeTo(24 / 29, 6), text: expect.stringMatching(/^Tell me/) },
            { question_id: 'a1', similarity: 1, text: expect.stringMatching(/^Tell me/) },
          ],
        },
      ],
    });
    expect(verdicts).toEqual({ 'small-sources-loss': 'pass' });
  });

  it('settles equal rows by the name of the source, then by id, and others by hash', async () => {
    const again = (question_id: string, source: string) => row(question_id, source, QUESTION, ANSWER);
    expect((await run([again('x1', 'b'), again('x3', 'a'), again('x2', 'a')])).ids).toEqual(['x2']);
    const louder = row('x0', 'a', QUESTION, `${ANSWER}!`);
    const first = [louder, again('x1', 'b')].toSorted((left, right) => (left.hash < right.hash ? -1 : 1))[0] as Row;
    expect((await run([louder, again('x1', 'b')])).ids).toEqual([first.question_id]);
  });

  it('gives the same report whatever the order of the rows and the number of threads', async () => {
    const random = createRandom('stage');
    const rows = Array.from({ length: 400 }, (_, at) => {
      const words = Array.from({ length: 30 }, (_, place) => `w${(at % 90) * 7 + place}`);
      if (at >= 90) words[random.integer(0, 29)] = `x${random.integer(0, 3)}`;
      return scored(row(`r${at}`, random.pick(['a', 'b', 'c']), words.join(' '), 'yes'), random.integer(0, 4) / 4);
    });
    const sorted = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).sort();
    const expected = await run(rows);
    expect(expected.removed.length).toBeGreaterThan(100);
    for (const threads of [1, 2]) {
      const other = await run(random.shuffle(rows), {}, { threads });
      expect(other.facts).toEqual(expected.facts);
      expect(sorted(other.kept)).toEqual(sorted(expected.kept));
      expect(sorted(other.removed)).toEqual(sorted(expected.removed));
    }
  });

  it('compares questions alone when told so', async () => {
    const rows = [
      row('a1', 'a', QUESTION, 'By the sun.'),
      row('a2', 'a', QUESTION, 'Nobody knows, though many have tried to.'),
    ];
    expect((await run(rows)).ids).toHaveLength(2);
    expect((await run(rows, { text: 'question' })).ids).toHaveLength(1);
  });

  it('gives alarm for a source that is mostly one row, and judges small ones together', async () => {
    const same = (source: string, count: number) =>
      Array.from({ length: count }, (_, at) => row(`${source}${at}`, source, QUESTION, 'By the sun.'));
    const different = (source: string, count: number) =>
      Array.from({ length: count }, (_, at) => row(`${source}${at}`, source, `${source} ${at}?`, 'Yes.'));
    const rows = [...same('a', 150), ...different('b', 100), ...different('c', 99), ...different('d', 3)];
    expect((await run(rows)).verdicts).toEqual({ 'loss-a': 'fail', 'loss-b': 'pass', 'small-sources-loss': 'pass' });
    expect((await run(same('a', 8))).verdicts).toEqual({ 'small-sources-loss': 'fail' });
    expect((await run([])).ids).toEqual([]);
  });

  it('knows 70,000 sources apart', () => {
    const merits = new Merits();
    const count = 70_000;
    const given = { ...row('x', '', 'Q', 'A'), history: [] };
    for (let at = 0; at < count; at++) merits.add({ ...given, question_id: `${at}`, source: `s${at}` });
    expect(merits.sources).toHaveLength(count);
    expect(merits.source(count - 1)).toBe(count - 1);
    // Every odd row went for the even one before it.
    const keeper = Uint32Array.from({ length: count }, (_, at) => at - (at % 2));
    const fate = Uint8Array.from({ length: count }, (_, at) => (at % 2 === 0 ? STAYS : EXACT));
    const tallies = tallySources({ keeper, fate, similarity: new Float32Array(count) }, merits);
    expect(tallies.s1).toEqual({ rows: 1, exact: 1, near: 0, keptBy: { s0: 1 } });
    expect(tallies.s69999).toEqual({ rows: 1, exact: 1, near: 0, keptBy: { s69998: 1 } });
    expect(lossGates(tallies, 0.5)).toMatchObject([{ name: 'small-sources-loss', measured: 0.5 }]);
  });

  it('tells how far it is and ends when the build does', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => row(`a${at}`, 'a', `Question ${at}?`, 'Yes.'));
    const progress = vi.fn();
    await run(rows, {}, { progress });
    const told = progress.mock.calls.map(([{ note, done, total }]) => `${note} ${done}/${total}`);
    expect(told).toEqual(expect.arrayContaining(['read 20000/20000', 'compare 20000/20000', 'write 20000/20000']));
    await expect(run(rows, {}, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});
