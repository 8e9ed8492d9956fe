import { readFileSync } from 'node:fs';
import type { Row } from '@cogumi/contracts';
import { explainRow } from '@cogumi/data/curation';
import { readAllJsonl } from '@cogumi/data/formats';
import { CuratedRow } from '@cogumi/data/rows';
import { sampleRow } from '@cogumi/data/testing';
import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runStage } from '../../../testing/stage-context.ts';
import { curationFacts } from './curation-facts.ts';
import { CurateOptions } from './options.ts';
import { ScoreTable } from './score-table.ts';
import { curate } from './stage.ts';

const Rejected = z.object({
  question_id: z.string(),
  source: z.string(),
  hash: z.string(),
  score: z.number(),
  parts: z.record(z.string(), z.number()),
  reason: z.string(),
});

/** Runs the stage on rows. */
async function run(rows: readonly Row[], options: object = {}, signal = new AbortController().signal) {
  const input = { files: { 'rows.jsonl': rows }, facts: { rows: rows.length } };
  const { path, facts } = await runStage(curate, { options, inputs: { rows: input }, signal });
  const kept = await readAllJsonl(path('rows.jsonl'), CuratedRow);
  return {
    kept,
    ids: kept.map(({ question_id }) => question_id),
    rejected: await readAllJsonl(path('rejected.jsonl'), Rejected),
    facts: facts as never as Facts,
    bytes: readFileSync(path('rows.jsonl'), 'utf8'),
  };
}
interface Facts {
  readonly rows: number;
  readonly bySource: Record<
    string,
    { read: number; kept: number; rejected: number; reasons: Record<string, number>; histogram: number[] }
  >;
  readonly domains: { before: Record<string, number>; after: Record<string, number> };
}

/** Sentences of a worked sum. */
const STEPS = [
  'Tom begins with the apples in his own basket.',
  'Seven more are bought at the market near the river.',
  'Adding both numbers gives the total that was asked for.',
  'Nothing else changes, because nobody eats any of them.',
  'Checking by counting backwards leads to the same result.',
  'Therefore the larger basket holds every apple he owns.',
];
/** A sum explained in `sentences` sentences: more of them score better. */
const sum = (at: number, sentences: number, source = 'sums') =>
  sampleRow({
    question_id: `${source}_${at}`,
    source,
    question: `Tom has ${at} apples and buys seven more apples. How many apples does Tom have?`,
    answer: [`Tom has ${at + 7} apples.`, ...STEPS].slice(0, sentences).join(' '),
  });
const code = (at: number, source = 'code') =>
  sampleRow({
    question_id: `${source}_${at}`,
    source,
    question: `Write a Python function that adds ${at} to a number.`,
    answer: `def add(number):\n    return number + ${at}`,
  });
const german = sampleRow({
  question_id: 'german',
  source: 'sums',
  question: 'Wie viele Äpfel hat Tom, wenn er noch sieben Äpfel auf dem Markt kauft?',
  answer: 'Tom hatte zwölf Äpfel und kauft sieben dazu, also hat er jetzt neunzehn Äpfel im Korb.',
});
const formula = sampleRow({
  question_id: 'formula',
  source: 'sums',
  question: '((-1 + 2 + 9 * 5) - (-2 + -4)) =',
  answer: '52',
});

describe('curate', () => {
  it('scores and labels the kept rows, and lists rejected ones with score and reason', async () => {
    const { kept, ids, rejected, facts } = await run([sum(3, 4), german, formula, code(1)]);
    expect(ids).toEqual(['sums_3', 'formula', 'code_1']);
    // English and coherence are full, length is log 55 / log 151 = 0.799 and complexity 0.665 (54 tokens).
    const score = expect.closeTo(0.3 + 0.3 + 0.2 * 0.799 + 0.2 * 0.665, 4);
    expect(kept[0]).toMatchObject({ language: 'en', domain: 'math', score });
    expect(kept[1]).toMatchObject({ language: null });
    expect(kept[2]).toMatchObject({ domain: 'coding', difficulty: 'easy' });
    expect(rejected).toMatchObject([{ question_id: 'german', source: 'sums', hash: german.hash, reason: 'language' }]);
    expect(facts).toMatchObject({
      rows: 3,
      bySource: {
        sums: { read: 3, kept: 2, rejected: 1, reasons: { language: 1 } },
        code: { read: 1, kept: 1, rejected: 0 },
      },
      domains: { after: { coding: 1 } },
    });
    expect(facts.bySource.sums?.histogram.reduce((total, count) => total + count, 0)).toBe(3);
  });

  it('keeps a language that the recipe names', async () => {
    expect((await run([german, sum(3, 4)], { languages: ['de'], minScore: 0 })).ids).toEqual(['german']);
  });

  it('rejects rows below the minimum score, and writes that score', async () => {
    const { kept, rejected } = await run([sum(1, 1), sum(2, 7)], { minScore: 0.82 });
    expect(kept.map(({ question_id }) => question_id)).toEqual(['sums_2']);
    expect(kept[0]?.score).toBeGreaterThanOrEqual(0.82);
    expect(rejected).toMatchObject([{ question_id: 'sums_1', reason: 'score' }]);
    const { score, parts } = rejected[0] as z.infer<typeof Rejected>;
    const { english = 0, coherence = 0, length = 0, complexity = 0 } = parts;
    expect(score).toBeCloseTo(0.3 * english + 0.3 * coherence + 0.2 * length + 0.2 * complexity, 4);
    expect(score).toBeLessThan(0.82);
  });

  it('keeps the best rows of one source and all rows of another', async () => {
    const rows = [sum(1, 1), sum(2, 6), sum(3, 2), german, sum(4, 1, 'hand')];
    const options = { minScore: 0.9, sources: { sums: { take: 1 }, hand: { whole: true } } };
    const { ids, rejected } = await run(rows, { ...options, minScore: 0.5 });
    expect(ids).toEqual(['sums_2', 'hand_4']);
    expect(rejected.map(({ question_id, reason }) => [question_id, reason])).toEqual([
      ['sums_1', 'take'],
      ['sums_3', 'take'],
      ['german', 'language'],
    ]);
    expect((await run(rows, options)).ids).toContain('hand_4');
  });

  it('balances domains: the largest set with these proportions, best rows first', async () => {
    const rows = [...[1, 2, 3, 4].map((at) => code(at)), ...[1, 2, 3, 4, 5, 6].map((at) => sum(at, at)), formula];
    const { kept, rejected, facts } = await run(rows, { mix: { coding: 2, math: 1 } });
    expect(facts.domains.after).toMatchObject({ coding: 4, math: 2 });
    expect(
      kept.filter(({ domain }) => domain === 'math').every(({ score }) => rejected.every((row) => row.score <= score)),
    ).toBe(true);
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(['mix']));
  });

  it('refuses an impossible mix, and an unknown source with a suggestion', async () => {
    await expect(run([code(1)], { mix: { math: 1, coding: 1 } })).rejects.toMatchObject({ code: 'MIX_IMPOSSIBLE' });
    await expect(run([code(1, 'alpaca')], { sources: { alpacca: {} } })).rejects.toMatchObject({
      code: 'SOURCE_UNKNOWN',
      hint: 'Did you mean alpaca?',
    });
    expect(CurateOptions.safeParse({ sources: { a: { whole: true, take: 3 } } }).success).toBe(false);
    expect(CurateOptions.safeParse({ mix: { 'Cooking!': 1 } }).success).toBe(false);
  });

  it('selects the same rows for any input order, even among equal scores', async () => {
    const equal = Array.from({ length: 40 }, (_, at) => sum(100 + at, 3));
    const same = equal.slice(0, 10).map((row) => ({ ...row, question_id: `${row.question_id}_again` }));
    const rows = [...equal, ...same, ...Array.from({ length: 10 }, (_, at) => code(at))];
    const options = { sources: { sums: { take: 17 } }, mix: { math: 3, coding: 2 } };
    const first = await run(rows, options);
    const second = await run(createRandom('order').shuffle(rows), options);
    expect([...second.ids].sort()).toEqual([...first.ids].sort());
    expect(first.ids).not.toHaveLength(rows.length);
    expect((await run(rows, options)).bytes).toBe(first.bytes);
  });

  it('keeps existing labels', async () => {
    const { kept } = await run([sampleRow({ ...code(1), domain: 'reading', difficulty: 'hard' })]);
    expect(kept).toMatchObject([{ domain: 'reading', difficulty: 'hard' }]);
  });

  it('accepts an empty set, and stops when the build is aborted', async () => {
    expect((await run([])).facts).toMatchObject({ rows: 0, rejected: 0, bySource: {} });
    const rows = Array.from({ length: 10_001 }, (_, at) => code(at));
    await expect(run(rows, {}, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

describe('ScoreTable', () => {
  it('distinguishes 70,000 sources', () => {
    const table = new ScoreTable();
    const parts = { english: 1, coherence: 1, length: 1, complexity: 1 };
    const rest = { parts, domain: null, difficulty: 'easy', language: 'en', hash: '0'.repeat(32) } as const;
    for (let at = 0; at < 70_000; at++) table.add({ ...rest, source: `s${at}`, id: `${at}` });
    table.add({ ...rest, source: 'constructor', id: 'last' });
    expect([0, 65_536, 69_999].map(table.source)).toEqual(['s0', 's65536', 's69999']);
    expect(table.sources).toHaveLength(70_001);
    const { bySource } = curationFacts(table, new Uint8Array(70_001));
    expect(bySource).toMatchObject({ s65536: { read: 1, kept: 1 }, constructor: { read: 1, kept: 1 } });
  });
});

describe('explainRow', () => {
  const identify = () => ({ language: null, english: 0 });
  it('gives reasons for every part of the score and every label, and the same score as the stage', async () => {
    const row = sum(3, 4);
    const explanation = explainRow(row, identify);
    expect(explanation.parts.map(({ name }) => name)).toEqual(['english', 'coherence', 'length', 'complexity']);
    expect(explanation.parts.every(({ reasons }) => reasons.length > 0)).toBe(true);
    expect(explanation.domain.reasons).toContain('the question asks for a number or a proof');
    expect(explanation.score).toBe((await run([row])).kept[0]?.score);
  });
});
