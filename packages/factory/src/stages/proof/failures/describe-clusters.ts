import type { FailureCluster, Question } from '@cogumi/contracts';
import { type Asked, countBy, rankNames } from './count-strata.ts';
import { tellingWords, wordsOf } from './telling-words.ts';

/** Words of a label (chosen: what fits a heading). */
const LABEL_WORDS = 3;

interface Given {
  /** Every question that was asked. */
  readonly asked: readonly Asked[];
  /** Indices of the failures that were clustered. */
  readonly failures: readonly number[];
  /** Of each cluster, indices into `failures`, the nearest to the centre first. */
  readonly members: readonly (readonly number[])[];
  readonly words: number;
  readonly examples: number;
}

/** What the failures of each cluster have in common: words, strata, tasks and examples. */
export function describeClusters({ asked, failures, members, words, examples }: Given): FailureCluster[] {
  const texts = asked.map(({ question }) => wordsOf(question.question));
  const byStratum = countBy(asked, stratumOf);
  const byTask = countBy(asked, taskOf);
  return members.map((own, cluster): FailureCluster => {
    const indices = own.map((member) => failures[member]!);
    const questions = indices.map((at) => asked[at]!.question);
    const telling = tellingWords(texts, new Set(indices), words);
    const strata = rankNames(questions, stratumOf).map(([name, count]) => {
      const { domain, difficulty } = questions.find((question) => stratumOf(question) === name)!;
      return { domain, difficulty, failures: count, ...byStratum.get(name)! };
    });
    const tasks = rankNames(questions, taskOf).map(([task, count]) => ({
      task,
      failures: count,
      ...byTask.get(task)!,
    }));
    return {
      cluster,
      size: own.length,
      // Where no word stands out, most failures come from one kind of task or none is like another.
      label:
        telling
          .slice(0, LABEL_WORDS)
          .map(({ word }) => word)
          .join(', ') || tasks[0]!.task,
      words: telling,
      strata,
      tasks,
      examples: indices.slice(0, examples).map((at) => {
        const { question, answer } = asked[at]!;
        return {
          question_id: question.question_id,
          question: question.question,
          answer: answer.answer,
          reason: answer.reason,
        };
      }),
    };
  });
}

export function stratumOf({ domain, difficulty }: Question): string {
  return `${domain} ${difficulty}`;
}

function taskOf({ task }: Question): string {
  return task;
}
