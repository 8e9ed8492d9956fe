import type { Answer, FailureCluster, Question, RetestedCluster, Target } from '@cogumi/contracts';
import { hashJson } from '@cogumi/pure';
import { compareIn, pairAnswers } from '../../pair-answers.ts';

interface Given {
  readonly clusters: readonly FailureCluster[];
  readonly targets: readonly Target[];
  /** The new questions, and the answers to all of them. */
  readonly questions: readonly Question[];
  readonly before: readonly Answer[];
  readonly after: readonly Answer[];
  readonly examples: number;
}

/** Right answers before and after to the new questions of each cluster; clusters without such questions are left out. */
export function retestClusters({ clusters, targets, questions, before, after, examples }: Given): RetestedCluster[] {
  const ofCluster = Map.groupBy(targets, ({ cluster }) => cluster);
  const questionOf = new Map(questions.map((question) => [question.question_id, question]));
  const answerBefore = new Map(before.map((answer) => [answer.question_id, answer]));
  return clusters.flatMap(({ cluster, label, size }): RetestedCluster[] => {
    const ids = new Set((ofCluster.get(cluster) ?? []).map(({ question_id }) => question_id));
    const own = after.filter(({ question_id }) => ids.has(question_id));
    const found = compareIn(pairAnswers(own, before), null, ofCluster.size);
    if (found === null || found.pairs === 0) return [];
    const [low, high] = found.interval;
    const byTask = Map.groupBy(own, ({ question_id }) => questionOf.get(question_id)!.task);
    return [
      {
        ...{ cluster, label, failures: size, questions: found.pairs, before: found.theirs, after: found.ours },
        tasks: [...byTask].sort(([, one], [, other]) => other.length - one.length).map(([task]) => task),
        change: low > 1 ? 'up' : high < 1 ? 'down' : 'unclear',
        examples: pickByHash(own, examples).flatMap(({ question_id, answer, correct }) => {
          const earlier = answerBefore.get(question_id)!;
          const { question } = questionOf.get(question_id)!;
          if (correct === null || earlier.correct === null) return [];
          const [was, is] = [
            { answer: earlier.answer, correct: earlier.correct },
            { answer, correct },
          ];
          return [{ question_id, question, before: was, after: is }];
        }),
      },
    ];
  });
}

/** Some answers that nobody picked: those whose ids have the smallest hashes. */
function pickByHash(answers: readonly Answer[], count: number): Answer[] {
  const hashOf = new Map(answers.map(({ question_id }) => [question_id, hashJson(question_id)]));
  return answers
    .toSorted((one, other) => (hashOf.get(one.question_id)! < hashOf.get(other.question_id)! ? -1 : 1))
    .slice(0, count);
}
