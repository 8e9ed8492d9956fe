import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { verdicts } from '../../../testing/stage-context.ts';
import { pairAnswers } from '../../pair-answers.ts';
import { goalGates } from './goal-gates.ts';

/** 200 answers of which the first `math` of 100 in math and the first `reading` of 100 in reading are right. */
const answers = (math: number, reading: number): Answer[] =>
  (['math', 'reading'] as const).flatMap((domain) =>
    Array.from({ length: 100 }, (_, at) => ({
      ...{ question_id: `${domain}_${at}`, domain, unseen: false, answer: '', tokens: 1, reason: '' },
      ...{ finish: 'stop' as const, correct: at < (domain === 'math' ? math : reading) },
    })),
  );
const judge = (ours: Answer[], theirs: Answer[], ...goals: Parameters<typeof goalGates>[1]) =>
  verdicts({ gates: goalGates(pairAnswers(ours, theirs), goals) });

describe('goalGates', () => {
  it('judges all domains together or one alone, on the same questions', () => {
    const goals = [
      { domain: null, ratio: 1 },
      { domain: 'math' as const, ratio: 1.2 },
      { domain: 'reading' as const, ratio: 1 },
    ];
    expect(judge(answers(90, 30), answers(40, 60), ...goals)).toEqual({
      'against-all': 'pass',
      'against-math': 'pass',
      'against-reading': 'fail',
    });
  });

  it('is advice where a judge without a passport decided, and leaves that out where others decide', () => {
    const judged = (given: Answer[]) =>
      given.map((answer) => (answer.domain === 'reading' ? { ...answer, advice: true } : answer));
    const goals = [
      { domain: null, ratio: 1 },
      { domain: 'math' as const, ratio: 1 },
      { domain: 'reading' as const, ratio: 1, proven: true },
    ];
    const gates = goalGates(pairAnswers(judged(answers(90, 0)), answers(40, 90)), goals);
    expect(verdicts({ gates })).toEqual({
      ...{ 'against-all': 'pass', 'against-math': 'pass', 'against-reading': 'inconclusive' },
    });
    expect(gates[0]?.evidence).toContain('of the same 100 questions');
    expect(gates[2]).toMatchObject({ guard: true, evidence: expect.stringContaining('advice (would be fail)') });
  });

  it('is inconclusive when the interval contains the goal, and when neither model is ever right', () => {
    const goal = { domain: 'math' as const, ratio: 1 };
    expect(judge(answers(52, 0), answers(50, 0), { ...goal, ratio: 1.03 })).toEqual({ 'against-math': 'inconclusive' });
    expect(judge(answers(0, 9), answers(0, 9), goal)).toEqual({ 'against-math': 'inconclusive' });
  });

  it('as a guard passes what reaches the goal, and fails only for certain', () => {
    const goal = { domain: 'math' as const, ratio: 0.97, guard: true };
    expect(judge(answers(50, 0), answers(51, 0), { ...goal, guard: false })).toEqual({
      'against-math': 'inconclusive',
    });
    expect(judge(answers(50, 0), answers(51, 0), goal)).toEqual({ 'against-math': 'pass' });
    expect(judge(answers(47, 0), answers(50, 0), goal)).toEqual({ 'against-math': 'inconclusive' });
    expect(judge(answers(20, 0), answers(50, 0), goal)).toEqual({ 'against-math': 'fail' });
  });

  it('fails where a gain has to be proven and the sample cannot tell, however good it looks', () => {
    const goal = { domain: 'math' as const, ratio: 1, proven: true };
    expect(judge(answers(52, 0), answers(50, 0), goal)).toEqual({ 'against-math': 'fail' });
    expect(judge(answers(0, 0), answers(0, 0), goal)).toEqual({ 'against-math': 'fail' });
    expect(judge(answers(80, 0), answers(50, 0), goal)).toEqual({ 'against-math': 'pass' });
  });

  it('skips a loss where neither model is ever right, and still asks a gain to be shown', () => {
    const [none, other] = [answers(0, 0), answers(0, 0)];
    expect(judge(none, other, { domain: null, ratio: 0.97 })).toEqual({ 'against-all': 'skipped' });
    expect(judge(none, other, { domain: null, ratio: 1.1 })).toEqual({ 'against-all': 'inconclusive' });
    expect(judge(answers(3, 0), other, { domain: null, ratio: 0.97 })['against-all']).not.toBe('skipped');
  });

  it('leaves out questions that either answer has no verdict on, and says how many', () => {
    const ours = answers(90, 30).map((answer, at) => (at < 5 ? { ...answer, correct: null } : answer));
    const theirs = answers(40, 60).map((answer, at) => (at < 6 ? { ...answer, correct: null } : answer));
    const [gate] = goalGates(pairAnswers(ours, theirs), [{ domain: 'math', ratio: 1 }]);
    expect(gate).toMatchObject({ measured: 84 / 34, verdict: 'pass' });
    expect(gate?.evidence).toContain('6 of 100 questions have no verdict');
  });

  it('fails by name when a judge gave too few verdicts, however good those are', () => {
    const silent = answers(90, 30).map((answer, at) => (at < 11 ? { ...answer, correct: null } : answer));
    const [gate] = goalGates(pairAnswers(silent, answers(40, 60)), [{ domain: 'math', ratio: 1 }]);
    expect(gate).toMatchObject({ verdict: 'fail', advice: expect.stringContaining('too few verdicts') });
    const none = answers(90, 30).map((answer) => ({ ...answer, correct: null }));
    expect(judge(none, answers(40, 60), { domain: null, ratio: 1 })).toEqual({ 'against-all': 'fail' });
  });

  it('skips a goal for a domain that nobody was asked about', () => {
    expect(judge(answers(50, 50), answers(50, 50), { domain: 'coding', ratio: 1 })).toEqual({
      'against-coding': 'skipped',
    });
  });
});
