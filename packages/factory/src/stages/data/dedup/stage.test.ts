import type { Row } from '@cogumi/contracts';
import { EXACT, KEPT } from '@cogumi/data/dedup';
import { readAllJsonl } from '@cogumi/data/formats';
import type { CuratedRow } from '@cogumi/data/rows';
import { sampleRow } from '@cogumi/data/testing';
import { createRandom } from '@cogumi/pure';
import { describe, expect, it, vi } from 'vitest';
import { runStage, type StageGiven, verdicts } from '../../../testing/stage-context.ts';
import { DedupRow } from './dedup-row.ts';
import { lossGates } from './loss-gates.ts';
import { RowPriorities } from './row-priorities.ts';
import { dedup } from './stage.ts';
import { tallySources } from './tally-sources.ts';

const row = (question_id: string, source: string, question: string, answer: string) =>
  sampleRow({ question_id, source, question, answer });
const scored = (given: Row, score: number): CuratedRow => ({ ...given, score, language: 'en' });
const QUESTION =
  'Tell me in three short sentences how bees find their way home after a long flight over unknown fields.';
const ANSWER = 'They remember landmarks and the angle of the sun.';

/** Runs the stage on rows. */
async function run(rows: readonly Row[], options: object = {}, given: StageGiven = {}) {
  const input = { files: { 'rows.jsonl': rows }, facts: { rows: rows.length } };
  const { path, facts, gates } = await runStage(dedup, { options, inputs: { rows: input }, ...given });
  const kept = await readAllJsonl(path('rows.jsonl'), DedupRow);
  return {
    kept,
    ids: kept.map(({ question_id }) => question_id),
    rejected: await readAllJsonl(path('rejected.jsonl'), DedupRow.loose()),
    facts,
    verdicts: verdicts({ gates }),
  };
}

describe('dedup', () => {
  it('keeps the row with the best score unchanged, and names it in the rows rejected as its duplicates', async () => {
    const best = scored(row('b1', 'b', `${QUESTION.toUpperCase()}`, ANSWER), 0.9);
    const { kept, ids, rejected, facts, verdicts } = await run([
      scored(row('a1', 'a', QUESTION, ANSWER), 0.7),
      scored(row('a2', 'a', 'What is the capital of France?', 'Paris.'), 0.2),
      best,
      scored(row('b2', 'b', `${QUESTION} Please.`, ANSWER), 0.8),
      scored(row('b3', 'b', 'Name a river.', 'The Nile.'), 0.5),
      scored(row('b4', 'b', 'Name a mountain.', 'Mont Blanc.'), 0.5),
    ]);
    expect(ids).toEqual(['a2', 'b1', 'b3', 'b4']);
    expect(kept[1]).toEqual(best);
    // One more word between question and answer: 29 words instead of 28, so three shingles replace two of 26.
    expect(rejected).toMatchObject([
      { question_id: 'a1', reason: 'exact', canonical: 'b1', similarity: 1, score: 0.7 },
      { question_id: 'b2', reason: 'near', canonical: 'b1', similarity: expect.closeTo(24 / 29, 6) },
    ]);
    expect(facts).toMatchObject({
      rows: 4,
      rejected: 2,
      exact: 1,
      near: 1,
      bySource: {
        a: { read: 2, kept: 1, exact: 1, near: 0, duplicatesOf: { b: 1 } },
        b: { read: 4, kept: 3, exact: 0, near: 1, duplicatesOf: { b: 1 } },
      },
      clusters: [
        {
          rows: 3,
          canonical: 'b1',
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

  it('decides between equal rows by source name, then by id, and between others by hash', async () => {
    const again = (question_id: string, source: string) => row(question_id, source, QUESTION, ANSWER);
    expect((await run([again('x1', 'b'), again('x3', 'a'), again('x2', 'a')])).ids).toEqual(['x2']);
    const louder = row('x0', 'a', QUESTION, `${ANSWER}!`);
    const first = [louder, again('x1', 'b')].toSorted((left, right) => (left.hash < right.hash ? -1 : 1))[0] as Row;
    expect((await run([louder, again('x1', 'b')])).ids).toEqual([first.question_id]);
  });

  it('gives the same report for any order of the rows', async () => {
    const random = createRandom('stage');
    const rows = Array.from({ length: 400 }, (_, at) => {
      const words = Array.from({ length: 30 }, (_, place) => `w${(at % 90) * 7 + place}`);
      if (at >= 90) words[random.integer(0, 29)] = `x${random.integer(0, 3)}`;
      return scored(row(`r${at}`, random.pick(['a', 'b', 'c']), words.join(' '), 'yes'), random.integer(0, 4) / 4);
    });
    const sorted = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).sort();
    const expected = await run(rows);
    expect(expected.rejected.length).toBeGreaterThan(100);
    const other = await run(random.shuffle(rows));
    expect(other.facts).toEqual(expected.facts);
    expect(sorted(other.kept)).toEqual(sorted(expected.kept));
    expect(sorted(other.rejected)).toEqual(sorted(expected.rejected));
  });

  it('compares only questions if asked to', async () => {
    const rows = [
      row('a1', 'a', QUESTION, 'By the sun.'),
      row('a2', 'a', QUESTION, 'Nobody knows, though many have tried to.'),
    ];
    expect((await run(rows)).ids).toHaveLength(2);
    expect((await run(rows, { text: 'question' })).ids).toHaveLength(1);
  });

  it('fails the gate of a source that is mostly one row, and judges small sources together', async () => {
    const same = (source: string, count: number) =>
      Array.from({ length: count }, (_, at) => row(`${source}${at}`, source, QUESTION, 'By the sun.'));
    const different = (source: string, count: number) =>
      Array.from({ length: count }, (_, at) => row(`${source}${at}`, source, `${source} ${at}?`, 'Yes.'));
    const rows = [...same('a', 150), ...different('b', 100), ...different('c', 99), ...different('d', 3)];
    expect((await run(rows)).verdicts).toEqual({ 'loss-a': 'fail', 'loss-b': 'pass', 'small-sources-loss': 'pass' });
    expect((await run(same('a', 8))).verdicts).toEqual({ 'small-sources-loss': 'fail' });
    expect((await run([])).ids).toEqual([]);
  });

  it('distinguishes 70,000 sources', () => {
    const priorities = new RowPriorities();
    const count = 70_000;
    const given = { ...row('x', '', 'Q', 'A'), history: [] };
    for (let at = 0; at < count; at++) priorities.add({ ...given, question_id: `${at}`, source: `s${at}` });
    expect(priorities.sources).toHaveLength(count);
    expect(priorities.source(count - 1)).toBe(count - 1);
    // Every odd row is a duplicate of the even one before it.
    const canonical = Uint32Array.from({ length: count }, (_, at) => at - (at % 2));
    const status = Uint8Array.from({ length: count }, (_, at) => (at % 2 === 0 ? KEPT : EXACT));
    const tallies = tallySources({ canonical, status, similarity: new Float32Array(count) }, priorities);
    expect(tallies.s1).toEqual({ read: 1, kept: 0, exact: 1, near: 0, duplicatesOf: { s0: 1 } });
    expect(tallies.s69999).toEqual({ read: 1, kept: 0, exact: 1, near: 0, duplicatesOf: { s69998: 1 } });
    expect(lossGates(tallies, 0.5)).toMatchObject([{ name: 'small-sources-loss', measured: 0.5 }]);
  });

  it('reports progress and stops when the build is aborted', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => row(`a${at}`, 'a', `Question ${at}?`, 'Yes.'));
    const progress = vi.fn();
    await run(rows, {}, { onProgress: progress });
    const reported = progress.mock.calls.map(([{ note, done, total }]) => `${note} ${done}/${total}`);
    expect(reported).toEqual(expect.arrayContaining(['read 20000/20000', 'compare 20000/20000', 'write 20000/20000']));
    await expect(run(rows, {}, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});
