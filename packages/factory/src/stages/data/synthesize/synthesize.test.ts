import { Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { synthesize } from './stage.ts';

const domains = { math: { easy: 30, hard: 30 }, reading: { easy: 20, hard: 20 } };
const RejectedReply = z.looseObject({ reason: z.string().min(1) });

describe('synthesize', () => {
  it('fills every count with checked answers, and lists the rejected replies', async () => {
    const tiers = ['procedural:apprentice', 'procedural:master'];
    const { gates, facts, path } = await runStage(synthesize, { options: { domains, tiers } });
    const rows = await readAllJsonl(path('rows.jsonl'), Row);
    const counts = Object.groupBy(rows, ({ domain, difficulty }) => `${domain} ${difficulty}`);
    expect(Object.fromEntries(Object.entries(counts).map(([name, own]) => [name, own?.length]))).toEqual({
      'math easy': 30,
      'math hard': 30,
      'reading easy': 20,
      'reading hard': 20,
    });
    const rejected = await readAllJsonl(path('rejected.jsonl'), RejectedReply);
    expect(rejected.length).toBeGreaterThan(0);
    expect(facts).toMatchObject({ rows: 100, rejected: rejected.length, rejectedQuestions: 0 });
    expect(new Set(rows.map(({ teacher }) => teacher))).toEqual(new Set(tiers));
    expect(verdicts({ gates })).toEqual({ 'counts-exact': 'pass' });
    // Who gave which part stands beside the verdict.
    expect(gates[0]?.evidence).toMatch(/by teacher: procedural:apprentice \d+ of 100, procedural:master \d+ of \d+/);
  });

  it('skips its gate when no question was requested', async () => {
    const { gates } = await runStage(synthesize, { options: { domains: {} } });
    expect(verdicts({ gates })).toEqual({ 'counts-exact': 'skipped' });
  });

  it('fails its gate when a question is left without an answer', async () => {
    const { gates, facts } = await runStage(synthesize, {
      options: { domains, tiers: ['procedural:apprentice'], maxErrorRate: 1 },
    });
    expect(verdicts({ gates })).toEqual({ 'counts-exact': 'fail' });
    expect(gates[0]).toMatchObject({ threshold: 100, measured: facts.rows });
    expect(facts.rows).toBeLessThan(100);
  });

  it('plans requests for what teachers are asked, and for nothing else', () => {
    const workload = (options: object) =>
      synthesize.workload(synthesize.options.parse({ domains, ...options }), {}, {});
    const { items, asks } = workload({ tiers: ['openai:gpt-4o-mini'] });
    expect(items).toBe(100);
    expect(asks).toMatchObject([
      { teacher: 'openai:gpt-4o-mini', requests: 50 },
      { teacher: 'openai:gpt-4o-mini', requests: 50 },
    ]);
    const judged = workload({ tiers: ['openai:gpt-4o-mini'], judge: 'openai:gpt-4.1' });
    // Drawn questions are checked exactly: a judge would cost something for nothing.
    expect(judged.asks?.filter(({ requests }) => requests > 0)).toEqual(asks);
  });
});
