import { join } from 'node:path';
import { FailedAnswer, Question, type Target } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { normaliseText } from '@cogumi/pure';
import { expectedQuestions, isWritten } from '@cogumi/teachers';
import type { InputArtifact } from '../../context.ts';
import { readTexts, readUnused } from '../../draw-questions.ts';
import { findHeldOut } from '../../held-out-questions.ts';
import { judgeGate } from '../../judge-gate.ts';
import { indexQuestions } from '../../near-equal.ts';
import { defineStage, type ExpectedQuestions } from '../../stage.ts';
import { clustersInTurn, countKinds } from './count-kinds.ts';
import { drawKind, isDrawable } from './draw-kind.ts';
import { TargetOptions } from './options.ts';

/** Clusters that a plan expects, since a build finds out: the most that silhouettes choose from. */
const EXPECTED_CLUSTERS = 12;

/** Clusters of failures in, new questions of the kinds that failed out: each cluster gets the same number, by what failed in it. */
export const target = defineStage({
  name: 'target',
  version: 3,
  inputs: {
    ...{ failures: 'failures', questions: 'questions', 'against.*': 'questions' },
    ...{ 'apart.*': 'questions', 'trained.*': 'rows' },
  },
  output: 'questions',
  options: TargetOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  gateNames: () => ['splits-disjoint'],
  workload: ({ clusters, questions: each, split, writer }, { questions: heldOut }) => {
    const items = each * Math.min(clusters ?? EXPECTED_CLUSTERS, heldOut?.items ?? 0);
    const domains = [...new Set((heldOut?.questions ?? []).map(({ domain }) => domain))];
    const questions = domains.map(
      (domain): ExpectedQuestions => ({
        ...{ domain, split, count: Math.ceil(items / domains.length), generated: true, judge: null },
      }),
    );
    const own = (heldOut?.questions ?? []).some(({ generated }) => !generated);
    const asks = expectedQuestions(writer, own ? items : 0);
    return { items, unit: 'questions', fixedSeconds: 0.2, secondsPerItem: 0.0005, bytes: items * 600, questions, asks };
  },
  sample: (options, items) => ({ ...options, questions: Math.min(options.questions, items) }),
  async run({ options, input, inputsUnder, teacherPool, seed, output, warn, signal }) {
    const { clusters, split, unseenShare, round, writer } = options;
    const failed = await readAllJsonl(input('failures').path('failures.jsonl'), FailedAnswer);
    const counted = failed.filter(({ cluster }) => cluster !== null && (clusters === null || cluster < clusters));
    if (counted.length === 0) return { gates: [], facts: {}, items: 0, skipped: 'no failure is in a cluster' };
    const apart = inputsUnder('apart');
    const taken = await readTexts(apart.values());
    const isTaken = ({ question }: Question) => taken.has(normaliseText(question));
    const left = new Map(
      options.unused ? await readUnused(inputsUnder('against'), inputsUnder('trained').values(), taken) : [],
    );
    for (const [domain, own] of left) left.set(domain, own.slice(0, Math.floor(options.ownShare * own.length)));
    const able = counted.filter((kind) => isDrawable(kind, writer, left.get(kind.domain) ?? []));
    if (able.length < counted.length)
      warn(
        `${counted.length - able.length} of ${counted.length} failures are of questions that no generator makes and no unused example is like.`,
      );
    if (able.length === 0)
      return { gates: [], facts: {}, items: 0, skipped: 'no generator makes questions like those that failed' };

    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const asked = new Map(heldOut.map((question) => [question.question_id, question]));
    const critiques = new Map(able.map(({ question_id, critique }) => [question_id, critique]));
    const made: Question[] = [];
    const targets: Target[] = [];
    for (const kind of countKinds(able, options.questions)) {
      const wanted = clustersInTurn(kind);
      const failures = able.filter(({ task, difficulty }) => task === kind.task && difficulty === kind.difficulty);
      const own = await drawKind(kind, wanted.length, {
        ...{ split, unseenShare, round, seed, writer, teacherPool, signal, unused: left.get(kind.domain) ?? [] },
        failed: failures.flatMap(({ question_id }) => asked.get(question_id) ?? []),
        critiqueOf: ({ question_id }) => critiques.get(question_id) ?? null,
      });
      const drawn = new Set(own);
      left.set(
        kind.domain,
        (left.get(kind.domain) ?? []).filter((question) => !drawn.has(question)),
      );
      for (const [at, question] of own.entries()) {
        // Numbers of new questions begin anew in each request.
        const question_id = `${split}-${round}-${kind.task}-${question.question_id}`;
        made.push({ ...question, question_id });
        targets.push({ question_id, cluster: wanted[at]! });
      }
    }
    const match = await findHeldOut(heldOut, inputsUnder('against').values());
    const isNear = await findNear(apart.values());
    const isHeldOut = (question: Question) =>
      match(question.question) !== null || isTaken(question) || (isWritten(question) && isNear(question.question));
    const repeated = new Set(made.filter(isHeldOut).map(({ question_id }) => question_id));
    // A generator keeps its splits apart; what a teacher writes may come near, and is left out.
    const broken = made.filter((question) => !isWritten(question) && match(question.question) !== null).length;
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
    const trained = split === 'train' ? made.filter((question) => !isWritten(question)).length : 0;
    return {
      gates: [
        judgeGate({
          name: 'splits-disjoint',
          criterion: 'No generated question to train on is among the held-out ones',
          bound: 'exactly',
          threshold: 0,
          measured: broken,
          items: Math.min(trained, heldOut.length),
          nothing: split === 'test' ? 'nothing to measure: these questions are not trained on' : undefined,
          unit: 'questions',
          evidence: `${trained} new questions against ${heldOut.length} held-out ones, by their text and, in domains of the recipe, by near-equality`,
          advice: 'A generator mixes up its training and test splits.',
        }),
      ],
      facts: { split, targeted: true, questions: questions.length, byTask, leftOut: repeated.size },
      items: questions.length,
    };
  },
});

/** Whether a question is near-equal to one of these. */
async function findNear(questions: Iterable<InputArtifact>): Promise<(question: string) => boolean> {
  const texts = await Promise.all(
    [...questions].map((artifact) => readAllJsonl(artifact.path('questions.jsonl'), Question)),
  );
  const { find } = indexQuestions(texts.flat().map(({ question }) => question));
  return (question) => find(normaliseText(question)).length > 0;
}
