import { readFileSync } from 'node:fs';
import type { Answer, FailureClusters, Question } from '@cogumi/contracts';
import { Retest } from '@cogumi/contracts';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { retest } from './stage.ts';

const each = { easy: 40, hard: 40 };
const held = { split: 'test' as const, unseenShare: 0, seed: 1, domains: { reading: each, reasoning: each } };
const heldOut = makeQuestions(held);
const fresh = makeQuestions({ ...held, seed: 2 }).map((one) => ({ ...one, question_id: `new-${one.question_id}` }));

/** 0: what is read; 1: what is reasoned. */
const clusterOf = ({ domain }: Question) => (domain === 'reading' ? 0 : 1);
const cluster = (number: number) => ({
  ...{ cluster: number, size: 9, label: `label ${number}`, words: [], strata: [], tasks: [], examples: [] },
});
const clusters: Pick<FailureClusters, 'schema' | 'asked' | 'failed'> & object = {
  ...{ schema: 1, asked: heldOut.length, failed: 18, kinds: {}, clustered: ['wrong'], strata: [], silhouette: null },
  ...{ exact: true, tried: [], explained: 0, clusters: [cluster(0), cluster(1), cluster(2)] },
};

const answers = (questions: readonly Question[], right: (question: Question, at: number) => boolean) =>
  questions.map((question, at): Answer => {
    const { question_id, domain, unseen } = question;
    const correct = right(question, at);
    return { question_id, domain, unseen, answer: String(correct), tokens: 1, finish: 'stop', correct, reason: '' };
  });

async function compare(
  given: Partial<
    Record<'before' | 'after' | 'heldOutBefore' | 'heldOutAfter', (question: Question, at: number) => boolean>
  >,
) {
  const half = (_question: Question, at: number) => at % 2 === 0;
  const of = (name: keyof typeof given, questions: readonly Question[]) => ({
    files: { 'answers.jsonl': answers(questions, given[name] ?? half) },
  });
  const { path, ...result } = await runStage(retest, {
    options: { examples: 2 },
    inputs: {
      failures: { files: { 'clusters.json': JSON.stringify(clusters) } },
      fresh: {
        files: {
          'questions.jsonl': fresh,
          'targets.jsonl': fresh.map((one) => ({ question_id: one.question_id, cluster: clusterOf(one) })),
        },
      },
      questions: { files: { 'questions.jsonl': heldOut } },
      ...{ before: of('before', fresh), after: of('after', fresh) },
      ...{ heldOutBefore: of('heldOutBefore', heldOut), heldOutAfter: of('heldOutAfter', heldOut) },
    },
  });
  return { ...result, found: Retest.parse(JSON.parse(readFileSync(path('clusters.json'), 'utf8'))) };
}

describe('retest', () => {
  it('proves what improved, cluster by cluster', async () => {
    const { found, ...result } = await compare({
      before: (_question, at) => at % 4 === 0,
      after: (question, at) => clusterOf(question) === 0 || at % 4 === 0,
    });
    expect(verdicts(result)).toMatchObject({ 'weak-improved': 'pass', 'no-fall-reading-easy': 'pass' });
    expect(found.clusters).toMatchObject([
      { cluster: 0, label: 'label 0', failures: 9, questions: 80, before: 20, after: 80, change: 'up' },
      { cluster: 1, before: 20, after: 20, change: 'unclear' },
    ]);
    const [example] = found.clusters[0]!.examples;
    expect(example!.after).toEqual({ answer: 'true', correct: true });
    expect(found.clusters[0]!.examples).toHaveLength(2);
  });

  it('is no proof where as many are right as before, or the sample cannot tell', async () => {
    expect(verdicts(await compare({}))).toMatchObject({ 'weak-improved': 'inconclusive' });
    const few = await compare({ after: (_question, at) => at % 2 === 0 || at === 1 || at === 3 });
    expect(verdicts(few)).toMatchObject({ 'weak-improved': 'inconclusive' });
    expect(verdicts(await compare({ after: () => false }))).toMatchObject({ 'weak-improved': 'fail' });
  });

  it('finds the one stratum that fell, whatever improved', async () => {
    const fallen = ({ domain, difficulty }: Question) => domain === 'reasoning' && difficulty === 'hard';
    const result = await compare({
      after: () => true,
      heldOutBefore: () => true,
      heldOutAfter: (question, at) => !fallen(question) || at % 2 === 0,
    });
    expect(verdicts(result)).toEqual({
      'weak-improved': 'pass',
      'no-fall-reading-easy': 'pass',
      'no-fall-reading-hard': 'pass',
      'no-fall-reasoning-easy': 'pass',
      'no-fall-reasoning-hard': 'fail',
    });
  });
});
