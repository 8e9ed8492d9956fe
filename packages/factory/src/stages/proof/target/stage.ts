import { join } from 'node:path';
import { FailedAnswer, Question, type Target } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { TASKS } from '@cogumi/teachers/procedural';
import { findHeldOut } from '../../held-out-questions.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage, type ExpectedQuestions } from '../../stage.ts';
import { countKinds } from './count-kinds.ts';
import { TargetOptions } from './options.ts';

/** Clusters that a plan expects, since a build finds out: the most that silhouettes choose from. */
const EXPECTED_CLUSTERS = 12;

/** Clusters of failures in, new questions of the kinds that failed out: each cluster gets the same number, by what failed in it. */
export const target = defineStage({
  name: 'target',
  version: 1,
  inputs: { failures: 'failures', questions: 'questions', 'against.*': 'questions' },
  output: 'questions',
  options: TargetOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  gateNames: () => ['splits-disjoint'],
  workload: ({ clusters, questions: each, split }, { questions: heldOut }) => {
    const items = each * (clusters ?? EXPECTED_CLUSTERS);
    const domains = [...new Set((heldOut?.questions ?? []).map(({ domain }) => domain))];
    const questions = domains.map(
      (domain): ExpectedQuestions => ({
        ...{ domain, split, count: Math.ceil(items / domains.length), generated: true, judge: null },
      }),
    );
    return { items, unit: 'questions', fixedSeconds: 0.2, secondsPerItem: 0.0005, bytes: items * 600, questions };
  },
  sample: (options, items) => ({ ...options, questions: Math.min(options.questions, items) }),
  async run({ options, input, inputsUnder, teacherPool, seed, output, warn, signal }) {
    const { clusters, split, unseenShare, round } = options;
    const failed = await readAllJsonl(input('failures').path('failures.jsonl'), FailedAnswer);
    const counted = failed.filter(({ cluster }) => cluster !== null && (clusters === null || cluster < clusters));
    if (counted.length === 0) return { gates: [], facts: {}, items: 0, skipped: 'no failure is in a cluster' };
    const known = counted.filter(({ task }) => TASKS.has(task));
    if (known.length < counted.length)
      warn(`${counted.length - known.length} of ${counted.length} failures are of questions that no generator makes.`);

    const made: Question[] = [];
    const targets: Target[] = [];
    for (const { domain, task, difficulty, byCluster } of countKinds(known, options.questions)) {
      const wanted = [...byCluster].flatMap(([cluster, count]) => Array.from({ length: count }, () => cluster));
      const own = await teacherPool.makeQuestions(
        {
          domains: { [domain]: { easy: 0, hard: 0, [difficulty]: wanted.length } },
          split,
          unseenShare,
          seed: `${seed}/target/${round}/${task}`,
          takes: (name) => name === task,
          mayRunOut: true,
        },
        signal,
      );
      for (const [at, question] of own.entries()) {
        // Numbers of generated questions begin anew in each request.
        const question_id = `${split}-${round}-${task}-${question.question_id}`;
        made.push({ ...question, question_id });
        targets.push({ question_id, cluster: wanted[at]! });
      }
    }
    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const match = await findHeldOut(heldOut, inputsUnder('against').values());
    const repeated = new Set(made.filter(({ question }) => match(question) !== null).map((one) => one.question_id));
    const questions = made.filter(({ question_id }) => !repeated.has(question_id));
    await writeJsonl(join(output, 'questions.jsonl'), questions);
    await writeJsonl(
      join(output, 'targets.jsonl'),
      targets.filter(({ question_id }) => !repeated.has(question_id)),
    );
    const byTask = Object.fromEntries(
      [...Map.groupBy(questions, ({ task }) => task)].map(([task, own]) => [task, own.length]),
    );
    // Of the test split, whose questions nobody trains on, one may come up that was asked before: it is left out.
    const trained = split === 'train' ? made.length : 0;
    return {
      gates: [
        judgeGate({
          name: 'splits-disjoint',
          criterion: 'No new question to train on is among the held-out ones',
          bound: 'exactly',
          threshold: 0,
          measured: repeated.size,
          items: Math.min(trained, heldOut.length),
          nothing: split === 'test' ? 'nothing to measure: these questions are not trained on' : undefined,
          unit: 'questions',
          evidence: `${made.length} new questions against ${heldOut.length} held-out ones, by their text and, in domains of the recipe, by near-equality`,
          advice: 'A generator mixes up its training and test splits.',
        }),
      ],
      facts: { split, targeted: true, questions: questions.length, byTask, leftOut: repeated.size },
      items: questions.length,
    };
  },
});
