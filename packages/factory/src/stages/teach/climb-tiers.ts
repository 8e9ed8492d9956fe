import type { Question, Row, Teacher } from '@cogumi/contracts';
import type { Faculty } from '../../teachers/faculty.ts';
import { toRow } from '../../teachers/to-row.ts';

export type TierShare = { teacher: string; asked: number; accepted: number };

/** Asks tier by tier: each teacher gets only what no cheaper one answered rightly. */
export async function climbTiers(
  questions: readonly Question[],
  teachers: readonly Teacher[],
  faculty: Faculty,
  signal: AbortSignal,
  onProgress: (done: number) => void,
) {
  const lessons: Row[] = [];
  const tiers: TierShare[] = [];
  let open = [...questions];
  for (const teacher of teachers) {
    if (open.length === 0) break;
    const replies = await faculty.ask(teacher, open, 'teach', signal);
    const judged = await faculty.judge(open.map((question, at) => ({ question, answer: replies[at]?.answer ?? '' })));
    const still: Question[] = [];
    for (const [at, question] of open.entries()) {
      const reply = replies[at];
      if (reply?.answer != null && judged[at]?.correct)
        lessons.push(toRow(question, reply.answer, reply.reasoning, teacher));
      else still.push(question);
    }
    tiers.push({ teacher, asked: open.length, accepted: open.length - still.length });
    open = still;
    onProgress(lessons.length);
  }
  return { lessons, tiers, unanswered: open.length };
}
