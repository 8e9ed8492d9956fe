import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Teacher } from '@cogumi/contracts';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createFaculty } from './create-faculty.ts';
import { createLedger } from './ledger.ts';
import { makeQuestions } from './procedural/make-questions.ts';
import { parseReply, structuredReply } from './procedural/reply.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('createLedger', () => {
  it('never holds more than the budget, whatever is reserved and settled', () => {
    const step = fc.record({
      worst: fc.double({ min: 0, max: 2, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      settle: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10, noNaN: true }), fc.array(step, { maxLength: 40 }), (budget, steps) => {
        const ledger = createLedger(budget, null);
        for (const { worst, share, settle } of steps) {
          try {
            const id = ledger.reserve({ stage: 's', teacher: 't', worst });
            if (settle) ledger.settle(id, worst * share);
          } catch (error) {
            expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
          }
          expect(ledger.spent()).toBeLessThanOrEqual(budget + 1e-6);
        }
      }),
    );
  });

  it('counts a request that a crash left open at its worst case', () => {
    const path = join(folder, 'journal.jsonl');
    const before = createLedger(1, path);
    before.settle(before.reserve({ stage: 's', teacher: 't', worst: 0.5 }), 0.1);
    before.reserve({ stage: 's', teacher: 't', worst: 0.4 });
    expect(createLedger(1, path).spent()).toBeCloseTo(0.5, 9);
    // A line cut short by the crash was not acted on.
    truncateSync(path, statSync(path).size - 5);
    expect(createLedger(1, path).spent()).toBeCloseTo(0.1, 9);
  });

  it('refuses what the price table cannot be right about', () => {
    const ledger = createLedger(1, null);
    expect(() => ledger.settle(ledger.reserve({ stage: 's', teacher: 't', worst: 0.1 }), 0.2)).toThrow('more than');
  });
});

describe('createFaculty', () => {
  const faculty = createFaculty(createLedger(0, null));
  afterAll(() => faculty.close());
  const questions = makeQuestions({
    domains: { math: { easy: 200, hard: 200 } },
    split: 'train',
    unseenShare: 0,
    seed: 5,
  });
  const { signal } = new AbortController();
  const wrongShare = async (teacher: Teacher) => {
    const replies = await faculty.ask(teacher, questions, 'test', signal);
    const judged = await faculty.judge(
      questions.map((question, at) => ({ question, answer: replies[at]?.answer ?? '' })),
    );
    return judged.filter(({ correct }) => !correct).length / questions.length;
  };

  it('has teachers that slip as often as their grade says', async () => {
    expect(await wrongShare('procedural:master')).toBe(0);
    expect(await wrongShare('procedural:journeyman')).toBeCloseTo(0.05, 1);
    const apprentice = await wrongShare('procedural:apprentice');
    expect(apprentice).toBeGreaterThan(0.18);
    expect(apprentice).toBeLessThan(0.32);
    expect(await wrongShare('procedural:apprentice')).toBe(apprentice);
  });
});

describe('parseReply', () => {
  it('reads what structuredReply writes', () => {
    expect(parseReply(structuredReply('d', 'c', 'r', 'a\nb'), true)).toEqual({
      answer: 'a\nb',
      reasoning: '[DRAFT] d [CRITIQUE] c [REVISED] r',
    });
  });

  it.each([
    '<answer>7</answer>',
    '<thinking>[DRAFT] a [REVISED] b</thinking><answer>7</answer>',
    'So: <thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer>',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer> done',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer></answer>',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer><answer>8</answer>',
  ])('sets %s aside', (text) => {
    expect(parseReply(text, true)).toBeNull();
  });
});
