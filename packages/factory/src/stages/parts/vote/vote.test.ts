import { Row, type Sample, type Samples } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { createRandom } from '@cogumi/pure';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { measureConsistency, nowConsistent } from '../../proof/sample/measure-consistency.ts';
import { chooseAnswer } from './choose-answer.ts';
import { vote } from './stage.ts';

/** Answers by what they say; `!` before a right one. */
const samples = (domain: string, ...said: string[]): Samples => ({
  ...{ question_id: `${domain}_1`, domain },
  answers: said.map((text): Sample => {
    const says = text.replace('!', '');
    return { answer: `So: ${says}`, says, correct: text.startsWith('!') };
  }),
});
const random = createRandom('vote');
const byVote = (own: Samples, minShare = 0.5) => chooseAnswer(own, { by: 'vote', minShare }, random)?.says ?? null;
const byCheck = (own: Samples) => chooseAnswer(own, { by: 'check', minShare: 0.5 }, random)?.says ?? null;

describe('chooseAnswer', () => {
  it('takes what most samples say, right or not, where enough of them do', () => {
    expect(byVote(samples('math', '7', '8', '8', '!9', '8'))).toBe('8');
    expect(byVote(samples('math', '7', '8', '8', '!9', '6'))).toBeNull();
    expect(byVote(samples('math', '7', '8', '8', '!9', '6'), 0.4)).toBe('8');
    // What says nothing that can be read has no vote.
    expect(byVote(samples('math', '', '', '', '8'), 0.25)).toBe('8');
  });

  it('takes a right answer by the check, the likeliest one first where one is right', () => {
    expect(byCheck(samples('math', '8', '8', '!9', '!9'))).toBe('9');
    expect(byCheck(samples('math', '8', '8'))).toBeNull();
    expect(byCheck(samples('coding', '!first', '!second', '!third'))).toBe('first');
  });

  it('draws one of the good answers where they differ by nature', () => {
    const drawn = Array.from({ length: 50 }, () => byCheck(samples('summarization', '!a', '!b', 'c')));
    expect(new Set(drawn)).toEqual(new Set(['a', 'b']));
  });
});

describe('measureConsistency', () => {
  it('counts questions whose samples all agree: right ones however written, others by what they say', () => {
    const { all, byDomain } = measureConsistency([
      samples('math', '!7', '!seven', '!7.0'),
      samples('math', '8', '8', '8'),
      samples('math', '!7', '8', '8'),
      samples('reading', '', '', ''),
    ]);
    expect(byDomain.math).toMatchObject({ questions: 3, consistent: 2, right: 1, share: 2 / 3 });
    // Of three pairs of the third question one agrees.
    expect(byDomain.math?.agreement).toBeCloseTo((1 + 1 + 1 / 3) / 3, 12);
    expect(byDomain.reading).toMatchObject({ consistent: 0, agreement: 0 });
    expect(all).toMatchObject({ questions: 4, consistent: 2 });
    expect(all?.interval[0]).toBeGreaterThan(0.1);
    const named = (id: string, ...said: string[]) => ({ ...samples('math', ...said), question_id: id });
    const before = [named('a', '7', '8'), named('b', '7', '8'), named('c', '7', '7')];
    const now = [named('a', '7', '7'), named('b', '!7', '8'), named('c', '7', '8')];
    expect(nowConsistent(now, before)).toMatchObject({ questions: 2, consistent: 1 });
    expect(measureConsistency([])).toEqual({ all: null, byDomain: {} });
  });
});

describe('vote', () => {
  const questions = makeQuestions({
    domains: { math: { easy: 20, hard: 0 } },
    split: 'train',
    unseenShare: 0,
    seed: 3,
  });
  const run = async (right: number, options: object = {}) => {
    const lines = questions.map(({ question_id, domain }, at): Samples => {
      const answer = (text: string): Sample => ({ answer: text, says: text, correct: text === 'right' });
      const said = at < right ? ['wrong', 'right'] : ['wrong', 'other'];
      return { question_id, domain, answers: said.map(answer) };
    });
    const { path, ...result } = await runStage(vote, {
      options: { validationShare: 0.1, ...options },
      inputs: {
        samples: { files: { 'samples.jsonl': lines } },
        questions: { files: { 'questions.jsonl': questions } },
      },
    });
    const rows = [
      ...(await readAllJsonl(path('train.jsonl'), Row)),
      ...(await readAllJsonl(path('validation.jsonl'), Row)),
    ];
    return { ...result, rows };
  };

  it('makes rows of verified answers of the model itself', async () => {
    const { rows, facts, gates } = await run(10);
    expect(rows).toHaveLength(10);
    expect(rows.every(({ answer, teacher }) => answer === 'right' && teacher === 'self')).toBe(true);
    expect(facts).toMatchObject({ asked: 20, chosen: 10, right: 10 });
    expect(verdicts({ gates })).toEqual({ 'rows-to-learn': 'pass' });
  });

  it('fails where a model is never right, and says what to do', async () => {
    const { gates } = await run(0);
    expect(verdicts({ gates })).toEqual({ 'rows-to-learn': 'fail' });
    expect(gates[0]?.evidence).toBe('0 of 20 questions have an answer by check, 0 of them a right one');
  });

  it('trusts the vote where it is asked to', async () => {
    const { facts } = await run(0, { by: 'vote' });
    expect(facts).toMatchObject({ chosen: 20, right: 0 });
  });
});
