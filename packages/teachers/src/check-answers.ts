import type { Question, Teacher } from '@cogumi/contracts';
import { TASKS } from './procedural/tasks.ts';
import { scoreAnswers } from './score-texts.ts';
import type { Reply, RequestContext, TeacherPool } from './teacher-pool.ts';

/** Which replies hold: null for those, else the reason against them, in the order of the questions. */
export type AnswerCheck = (
  questions: readonly Question[],
  replies: readonly Reply[],
  tier: { readonly tier: number; readonly last: boolean; readonly batchable: boolean },
) => Promise<(string | null)[]>;

/**
 * Checks answers as exactly as each can be: procedural questions by their own checker; others by a judge, where one is named;
 * without a judge, an answer holds when the teacher says the same a second time, and the last tier's holds as it is.
 */
export function createAnswerCheck(
  teacherPool: TeacherPool,
  { judge, minScore }: { judge: Teacher | null; minScore: number },
  requestContext: Pick<RequestContext, 'stage' | 'signal'>,
): AnswerCheck {
  return async (questions, replies, { tier, last, batchable }) => {
    const reasons = replies.map(({ answer, reason }) => (answer === null ? reason : null));
    const usable = [...questions.keys()].filter((at) => reasons[at] === null);
    const exact = usable.filter((at) => TASKS.has((questions[at] as Question).task));
    const free = usable.filter((at) => !TASKS.has((questions[at] as Question).task));
    const item = (at: number) => ({ question: questions[at] as Question, answer: replies[at]?.answer as string });

    const judged = await teacherPool.judge(exact.map(item));
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
        else if (score < minScore) reasons[at] = `${judge} gave it ${score} of 10; ${minScore} are asked for`;
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
        reasons[at] = 'it says something else the second time';
    }
    return reasons;
  };
}

/** Share of words that two long answers have in common when they say the same (chosen). */
const SAME_WORDS = 0.6;
/** Words up to which an answer is a fact, to be repeated word for word. */
const SHORT_ANSWER = 8;

/** Whether two answers say the same: short ones word for word, longer ones by the words they share (Jaccard). */
export function agree(one: string, other: string): boolean {
  const [ours, theirs] = [wordsOf(one), wordsOf(other)];
  if (Math.min(ours.length, theirs.length) <= SHORT_ANSWER) return ours.join(' ') === theirs.join(' ');
  const [left, right] = [new Set(ours), new Set(theirs)];
  const common = left.intersection(right).size;
  return common / (left.size + right.size - common) >= SAME_WORDS;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{N}+(?:[.,]\p{N}+)*|\p{L}+/gu) ?? [];
}
