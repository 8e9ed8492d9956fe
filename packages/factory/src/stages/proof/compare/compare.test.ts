import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { reference } from '../reference/stage.ts';
import { compare } from './stage.ts';

/** 60 answers in each domain, of which the first so many are right. */
const answers = (right: Readonly<Record<string, number>>): Answer[] =>
  Object.entries(right).flatMap(([domain, correct]) =>
    Array.from({ length: 60 }, (_, at) => ({
      ...{ question_id: `${domain}_${at}`, domain, unseen: false, answer: '', tokens: 1, reason: '' },
      ...{ finish: 'stop' as const, correct: at < correct },
    })),
  );

describe('compare', () => {
  const run = (
    given: {
      start: Answer[];
      base: Answer[];
      reference?: { answers: Answer[]; from: Record<string, string> };
      modifiers?: Record<string, Answer[]>;
    },
    domains = {},
  ) =>
    runStage(compare, {
      options: { domains },
      inputs: {
        start: { files: { 'answers.jsonl': given.start } },
        base: { files: { 'answers.jsonl': given.base } },
        ...(given.reference && {
          reference: {
            files: { 'answers.jsonl': given.reference.answers },
            facts: { from: given.reference.from },
          },
        }),
        ...Object.fromEntries(
          Object.entries(given.modifiers ?? {}).map(([name, own]) => [
            `modifier.${name}`,
            { files: { 'answers.jsonl': own } },
          ]),
        ),
      },
    });

  it('answers each domain through its route, and tells what rose, what fell and what it cannot tell', async () => {
    const { facts, gates } = await run(
      {
        start: answers({ coding: 20, math: 30, reading: 50 }),
        base: answers({ coding: 5, math: 31, reading: 30 }),
        modifiers: { code: answers({ coding: 40 }) },
      },
      { code: 'coding' },
    );
    expect(facts.domains).toEqual([
      { domain: 'coding', route: 'code', questions: 60, right: 40, startRight: 20, change: 'up' },
      { domain: 'math', route: 'base', questions: 60, right: 31, startRight: 30, change: 'unclear' },
      { domain: 'reading', route: 'base', questions: 60, right: 30, startRight: 50, change: 'down' },
    ]);
    // What the base lost in coding does not ship: the modifier answers there.
    expect(verdicts({ gates })).toEqual({
      ...{ 'no-fall-coding': 'pass', 'no-fall-math': 'pass', 'no-fall-reading': 'fail' },
    });
  });

  it('looks for falls below the reference where the tuned model is, and gives the ratio against both', async () => {
    const start = answers({ coding: 20, math: 40 });
    const base = answers({ coding: 40, math: 41 });
    const { facts, gates } = await run({
      ...{ start, base },
      reference: { answers: answers({ coding: 58, math: 40 }), from: { coding: 'tuned', math: 'start' } },
    });
    expect(verdicts({ gates })).toEqual({
      ...{ 'no-fall-coding': 'pass', 'no-fall-math': 'pass', 'no-fall-below-reference-coding': 'fail' },
    });
    expect(facts.headlines).toMatchObject([
      { against: 'base', questions: 120, right: 81, theirs: 60, ratio: 1.35 },
      { against: 'reference', questions: 120, right: 81, theirs: 98 },
    ]);
  });

  it('skips the guards of domains in which the start model itself ships', async () => {
    const own = { files: { 'answers.jsonl': answers({ coding: 20, math: 30 }) } };
    const { artifact } = await runStage(reference, { inputs: { start: own, tuned: own } });
    const { gates } = await runStage(compare, {
      options: { domains: { code: 'coding' } },
      inputs: {
        ...{ start: artifact, base: artifact },
        'modifier.code': { files: { 'answers.jsonl': answers({ coding: 40 }) } },
      },
    });
    expect(verdicts({ gates })).toEqual({ 'no-fall-coding': 'pass', 'no-fall-math': 'skipped' });
  });

  it('refuses a modifier that was not asked the questions of its domain', async () => {
    const base = answers({ coding: 20 });
    await expect(run({ start: base, base, modifiers: { code: base.slice(1) } }, { code: 'coding' })).rejects.toThrow(
      'modifier code was never asked coding_0',
    );
  });
});
