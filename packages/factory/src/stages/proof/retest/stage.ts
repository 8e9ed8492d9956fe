import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer, FailureClusters, Question, type Retest, Target } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { FALL_GATES, fallGates } from '../../fall-gates.ts';
import { judgeGate } from '../../judge-gate.ts';
import { type AnswerPair, compareIn, pairAnswers } from '../../pair-answers.ts';
import { defineStage } from '../../stage.ts';
import { RetestOptions } from './options.ts';
import { retestClusters } from './retest-clusters.ts';

/** What the repair of clusters of failures gave, on new questions of their kinds, and whether anything else fell. */
export const retest = defineStage({
  name: 'retest',
  version: 1,
  inputs: {
    ...{ failures: 'failures', fresh: 'questions', before: 'answers', after: 'answers' },
    ...{ questions: 'questions', heldOutBefore: 'answers', heldOutAfter: 'answers' },
  },
  output: 'retest',
  options: RetestOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => ['weak-improved', FALL_GATES],
  workload: (_options, { after }) => ({
    ...{ items: after?.items ?? 0, unit: 'answers', fixedSeconds: 0.1, secondsPerItem: 0, bytes: 20_000 },
  }),
  async run({ options, input, output }) {
    const answersOf = (name: string) => readAllJsonl(input(name).path('answers.jsonl'), Answer);
    const questionsOf = (name: string) => readAllJsonl(input(name).path('questions.jsonl'), Question);
    const { clusters } = FailureClusters.parse(
      JSON.parse(await readFile(input('failures').path('clusters.json'), 'utf8')),
    );
    const targets = await readAllJsonl(input('fresh').path('targets.jsonl'), Target);
    const [before, after] = [await answersOf('before'), await answersOf('after')];
    const retested = retestClusters({
      ...{ clusters, targets, questions: await questionsOf('fresh'), before, after, examples: options.examples },
    });
    const result: Retest = { schema: 1, clusters: retested };
    await writeFile(join(output, 'clusters.json'), `${JSON.stringify(result, null, 1)}\n`);

    const weak = compareIn(pairAnswers(after, before), null);
    const strata = await pairsByStratum(
      questionsOf('questions'),
      answersOf('heldOutAfter'),
      answersOf('heldOutBefore'),
    );
    return {
      gates: [
        judgeGate({
          name: 'weak-improved',
          criterion: 'More right answers than before to new questions of the kinds that failed',
          bound: 'at-least',
          threshold: 1,
          measured: weak?.ratio ?? 0,
          interval: weak?.interval ?? null,
          items: weak?.pairs ?? 0,
          unit: 'ratio',
          evidence: `${weak?.ours ?? 0} right, before ${weak?.theirs ?? 0}, of the same ${weak?.pairs ?? 0} new held-out questions, which took no part in finding the failures; score interval of paired proportions`,
          advice: 'More new questions in `repair.questions`, more steps or a higher rate in `repair.train`.',
        }),
        ...fallGates(strata, {
          advice: 'A lower rate in `repair.train`, or more old rows.',
          other: 'the model before',
        }),
      ],
      facts: { clusters: retested.map(({ examples: _shown, ...cluster }) => cluster) },
    };
  },
});

/** Answers to the held-out questions after and before the repair, by domain and difficulty. */
async function pairsByStratum(
  ...given: [Promise<Question[]>, after: Promise<Answer[]>, before: Promise<Answer[]>]
): Promise<AnswerPair[]> {
  const [questions, after, before] = await Promise.all(given);
  const stratumOf = new Map(questions.map((one) => [one.question_id, `${one.domain}-${one.difficulty}`]));
  const pairs = pairAnswers(after, before);
  return pairs.map((pair, at) => ({ ...pair, domain: stratumOf.get(after[at]!.question_id)! }));
}
