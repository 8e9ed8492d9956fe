import type { Question, Teacher } from '@cogumi/contracts';
import type { AnswerCheck } from './check-answers.ts';
import type { Reply, RequestContext, TeacherPool } from './teacher-pool.ts';

/** What one tier was asked and what of it held; a type, as facts of a stage have to be. */
export type TierShare = { teacher: string; asked: number; accepted: number };

export interface AcceptedAnswer {
  readonly question: Question;
  readonly reply: Reply;
}

/** A reply that was not taken, and why. */
export interface RejectedReply {
  readonly question_id: string;
  readonly teacher: string;
  readonly answer: string | null;
  readonly reason: string;
}

export interface CascadeResult {
  readonly answered: readonly AcceptedAnswer[];
  readonly rejected: readonly RejectedReply[];
  readonly tiers: TierShare[];
  /** Questions that no tier could answer. */
  readonly open: readonly Question[];
}

/**
 * Asks tier by tier (spec T6): each teacher gets only what no cheaper one answered so that it held.
 *
 * @param teachers - Cheap first.
 * @param check - What holds.
 */
export async function runCascade(
  questions: readonly Question[],
  teachers: readonly Teacher[],
  check: AnswerCheck,
  teacherPool: Pick<TeacherPool, 'ask'>,
  requestContext: Omit<RequestContext, 'tier'>,
): Promise<CascadeResult> {
  const answered: AcceptedAnswer[] = [];
  const rejected: RejectedReply[] = [];
  const tiers: TierShare[] = [];
  let open = [...questions];
  for (const [tier, teacher] of teachers.entries()) {
    if (open.length === 0) break;
    const before = answered.length;
    const replies = await teacherPool.ask(teacher, open, {
      ...requestContext,
      tier,
      onProgress: (done) => requestContext.onProgress?.(Math.min(questions.length, before + done)),
    });
    const verdicts = await check(open, replies, {
      tier,
      last: tier === teachers.length - 1,
      batchable: requestContext.batchable,
    });
    const still: Question[] = [];
    for (const [at, question] of open.entries()) {
      const reply = replies[at] as Reply;
      const reason = verdicts[at] as string | null;
      if (reason === null) answered.push({ question, reply });
      else {
        rejected.push({ question_id: question.question_id, teacher, answer: reply.answer, reason });
        still.push(question);
      }
    }
    tiers.push({ teacher, asked: open.length, accepted: open.length - still.length });
    open = still;
    requestContext.onProgress?.(answered.length);
  }
  return { answered, rejected, tiers, open };
}

/** Tiers of several climbs as one. */
export function sumTierShares(climbs: readonly (readonly TierShare[])[]): TierShare[] {
  const sums = new Map<string, TierShare>();
  for (const { teacher, asked, accepted } of climbs.flat()) {
    const sum = sums.get(teacher) ?? { teacher, asked: 0, accepted: 0 };
    sums.set(teacher, { teacher, asked: sum.asked + asked, accepted: sum.accepted + accepted });
  }
  return [...sums.values()];
}

/** Why most replies did not hold, as the end of a sentence; empty where all did. */
export function mostCommonReason(rejected: readonly RejectedReply[]): string {
  const reasons = [...Map.groupBy(rejected, ({ reason }) => reason)];
  const [most] = reasons.sort(([, left], [, right]) => right.length - left.length);
  return most ? `, ${most[1].length} of them: ${most[0]}` : '';
}
