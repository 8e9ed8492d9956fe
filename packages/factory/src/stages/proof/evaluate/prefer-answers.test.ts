import type { Answer, Question } from '@cogumi/contracts';
import { judgePrompt } from '@cogumi/teachers/judging';
import { describe, expect, it } from 'vitest';
import { pairAnswers } from '../../pair-answers.ts';
import { preferAnswers } from './prefer-answers.ts';

const question = (id: string, compare: 'pairs' | 'scores', passport: string | null): Question => ({
  ...{
    question_id: id,
    domain: 'style',
    difficulty: 'easy',
    task: 'style/examples',
    wording: '',
    unseen: null,
    draw: '',
  },
  ...{ question: `How is ${id}?`, facts: null },
  example: {
    ...{ answer: 'Fine.', history: [], source: 's', licence: 'MIT', terms: null },
    check: { kind: 'judge', teacher: 'openai:test', minScore: 7, compare, passport },
  },
});
const answer = (question_id: string, text: string): Answer => ({
  ...{
    question_id,
    domain: 'style',
    unseen: null,
    answer: text,
    tokens: 1,
    finish: 'stop',
    correct: false,
    reason: '',
  },
});

/** Prefers the longer answer, whatever the order, but for answers that confuse it. */
function judge() {
  const asked: string[] = [];
  const complete = async (_teacher: string, calls: readonly { messages: readonly { content: string }[] }[]) =>
    calls.map(({ messages }) => {
      const text = messages.at(-1)?.content ?? '';
      asked.push(text);
      const [, above = '', below = ''] = /Answer A:\n(.*)\n\nAnswer B:\n(.*)$/s.exec(text) ?? [];
      if (text.includes('silence')) return null;
      if (text.includes('always')) return '{"better": "A"}';
      return JSON.stringify({ better: above.length > below.length ? 'A' : 'B' });
    });
  return { asked, complete };
}
const context = { stage: 'evaluate', tier: null, batchable: true, signal: new AbortController().signal };

describe('preferAnswers', () => {
  it('has the judge compare answers in both orders: wins, losses, ties, and none', async () => {
    const given = [
      ['win', 'A longer answer.', 'Short.'],
      ['loss', 'Short.', 'A longer answer.'],
      ['turns', 'always one', 'always other'],
      ['none', 'silence', 'silence too'],
      ['equal', 'Same.', 'Same.'],
    ] as const;
    const questions = given.map(([id]) => question(id, 'pairs', judgePrompt('pairs')));
    const ours = given.map(([id, text]) => answer(id, text));
    const theirs = given.map(([id, , text]) => answer(id, text));
    const { asked, complete } = judge();
    const pairs = await preferAnswers(pairAnswers(ours, theirs), { questions, ours, theirs }, { complete }, context);
    expect(pairs).toEqual([
      { domain: 'style', ours: true, theirs: false },
      { domain: 'style', ours: false, theirs: true },
      { domain: 'style', ours: true, theirs: true },
      { domain: 'style', ours: null, theirs: null },
      { domain: 'style', ours: true, theirs: true },
    ]);
    // Equal answers are not asked about.
    expect(asked).toHaveLength(8);
  });

  it('leaves other domains as they are, and marks verdicts without a passport for pairs', async () => {
    const questions = [
      question('scored', 'scores', judgePrompt('answers')),
      question('free', 'pairs', null),
      question('stale', 'pairs', judgePrompt('answers')),
    ];
    const [ours, theirs] = [questions, questions].map((list, side) =>
      list.map(({ question_id }) => answer(question_id, side === 0 ? 'A longer answer.' : 'Short.')),
    ) as [Answer[], Answer[]];
    const before = pairAnswers(ours, theirs);
    const pairs = await preferAnswers(before, { questions, ours, theirs }, judge(), context);
    expect(pairs[0]).toEqual(before[0]);
    expect(pairs.slice(1)).toEqual(Array(2).fill({ domain: 'style', ours: true, theirs: false, advice: true }));
  });
});
