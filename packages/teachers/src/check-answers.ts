import type { Question, Teacher } from '@cogumi/contracts';
import { TASKS } from './procedural/tasks.ts';
import { scoreAnswers } from './score-texts.ts';
import type { Reply, RequestContext, TeacherPool } from './teacher-pool.ts';

/** Accepts or rejects replies: null for an accepted one, else the reason; in the order of the questions. */
export type AnswerCheck = (
  questions: readonly Question[],
  replies: readonly Reply[],
  tier: { readonly tier: number; readonly last: boolean; readonly batchable: boolean },
) => Promise<(string | null)[]>;

/**
 * Checks each answer as exactly as possible. Procedural questions and examples have checkers of their own. Every other
 * answer goes to the judge, if there is one. Without a judge, an answer is accepted when the teacher gives the same answer
 * a second time (self-consistency), and an answer of the last tier is accepted unchecked.
 */
export function createAnswerCheck(
  teacherPool: TeacherPool,
  { judge, minScore }: { judge: Teacher | null; minScore: number },
  requestContext: Pick<RequestContext, 'stage' | 'signal'>,
): AnswerCheck {
  return async (questions, replies, { tier, last, batchable }) => {
    const reasons = replies.map(({ answer, reason }) => (answer === null ? reason : null));
    const usable = [...questions.keys()].filter((at) => reasons[at] === null);
    const hasChecker = ({ task, example }: Question) => example !== undefined || TASKS.has(task);
    const exact = usable.filter((at) => hasChecker(questions[at] as Question));
    const free = usable.filter((at) => !hasChecker(questions[at] as Question));
    const item = (at: number) => ({ question: questions[at] as Question, answer: replies[at]?.answer as string });

    const judged = await teacherPool.judge(exact.map(item), { ...requestContext, batchable });
    for (const [number, at] of exact.entries()) {
      const judgement = judged[number];
      if (judgement && !judgement.correct) reasons[at] = judgement.reason;
    }
    if (free.length === 0) return reasons;
    if (judge !== null) {
      const scores = await scoreAnswers(teacherPool, judge, free.map(item), {
        ...requestContext,
        batchable,
        tier: null,
      });
      for (const [number, at] of free.entries()) {
        const score = scores[number] ?? null;
        if (score === null) reasons[at] = `${judge} gave no score`;
        else if (score < minScore) reasons[at] = `${judge} scored it ${score} of 10; at least ${minScore} is required`;
      }
      return reasons;
    }
    if (last) return reasons;
    const again = await teacherPool.ask(
      replies[free[0] as number]?.teacher as string,
      free.map((at) => questions[at] as Question),
      { ...requestContext, batchable, tier, sample: 1 },
    );
    for (const [number, at] of free.entries()) {
      const second = again[number]?.answer ?? null;
      if (second === null || !agree(replies[at]?.answer as string, second))
        reasons[at] = 'the teacher gave another answer the second time';
    }
    return reasons;
  };
}

/** Jaccard similarity of the words of two long answers at which they count as equal (chosen). */
const SAME_WORDS = 0.6;
/** Longest answer, in words, that must be repeated exactly (chosen). */
const SHORT_ANSWER = 8;

/** Whether two answers agree: short ones word for word, longer ones by the Jaccard similarity of their words. */
export function agree(one: string, other: string): boolean {
  const [first, second] = [wordsOf(one), wordsOf(other)];
  if (Math.min(first.length, second.length) <= SHORT_ANSWER) return first.join(' ') === second.join(' ');
  const [left, right] = [new Set(first), new Set(second)];
  const common = left.intersection(right).size;
  return common / (left.size + right.size - common) >= SAME_WORDS;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{N}+(?:[.,]\p{N}+)*|\p{L}+/gu) ?? [];
}
