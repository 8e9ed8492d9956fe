import type { Teacher } from '@cogumi/contracts';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, type CheckedAnswer, type Checker } from './checker.ts';

interface Settings {
  readonly teacher: Teacher;
  /** 1..10. */
  readonly minScore: number;
}

/** Right when a teacher, who sees the example's answer as well, gives it the score asked for. Every judgement costs a request. */
export const checkByTeacher: Checker<Settings> = async (items, { scoreAnswers }) => {
  const judged = new Map<CheckedAnswer<Settings>, Judgement>();
  for (const [teacher, own] of Map.groupBy(items, ({ check }) => check.teacher)) {
    const scores = await scoreAnswers(
      teacher,
      own.map(({ question, answer }) => ({
        question,
        answer: bounded(answer),
        reference: question.example?.answer ?? null,
      })),
    );
    for (const [at, item] of own.entries()) judged.set(item, verdict(item.check, scores[at] ?? null));
  }
  return items.map((item) => judged.get(item) as Judgement);
};

function verdict({ teacher, minScore }: Settings, score: number | null): Judgement {
  if (score === null) return { correct: null, reason: `${teacher} gave no score` };
  return score >= minScore ? { correct: true } : wrong(`${teacher} gave it ${score} of 10; ${minScore} are asked for`);
}
