import type { Question, Teacher } from '@cogumi/contracts';
import type { AnswerCheck } from './check-answers.ts';
import type { Reply, RequestContext, TeacherPool } from './teacher-pool.ts';

/** Questions that one tier was asked, and answers of it that were accepted. A type and no interface: facts of a stage need one. */
export type TierShare = { teacher: string; asked: number; accepted: number };

/** A question with the reply that was accepted. */
export interface AcceptedAnswer {
  readonly question: Question;
  readonly reply: Reply;
}

/** A reply that was rejected, with the reason. */
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
  /** Questions without an accepted answer from any tier. */
  readonly open: readonly Question[];
}

/** Whether a teacher is a generator, which costs nothing and knows the answers to its own questions only. */
export function isProcedural(teacher: Teacher): boolean {
  return teacher.startsWith('procedural:');
}

function canAnswer(teacher: Teacher, { example }: Question): boolean {
  return example === undefined || !isProcedural(teacher);
}

/**
 * Asks tier by tier: each teacher gets only the questions without an accepted answer from a cheaper one.
 *
 * @param teachers - The cheapest first.
 * @param check - Accepts or rejects replies.
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
    const asked = open.filter((question) => canAnswer(teacher, question));
    if (asked.length === 0) continue;
    const before = answered.length;
    const replies = await teacherPool.ask(teacher, asked, {
      ...requestContext,
      tier,
      onProgress: (done) => requestContext.onProgress?.(Math.min(questions.length, before + done)),
    });
    const verdicts = await check(asked, replies, {
      tier,
      last: tier === teachers.length - 1,
      batchable: requestContext.batchable,
    });
    const unanswered = open.filter((question) => !canAnswer(teacher, question));
    for (const [at, question] of asked.entries()) {
      const reply = replies[at] as Reply;
      const reason = verdicts[at] as string | null;
      if (reason === null) answered.push({ question, reply });
      else {
        rejected.push({ question_id: question.question_id, teacher, answer: reply.answer, reason });
        unanswered.push(question);
      }
    }
    tiers.push({ teacher, asked: asked.length, accepted: open.length - unanswered.length });
    open = unanswered;
    requestContext.onProgress?.(answered.length);
  }
  return { answered, rejected, tiers, open };
}

/** Adds up the tiers of several cascades, by teacher. */
export function sumTierShares(shares: readonly (readonly TierShare[])[]): TierShare[] {
  const sums = new Map<string, TierShare>();
  for (const { teacher, asked, accepted } of shares.flat()) {
    const sum = sums.get(teacher) ?? { teacher, asked: 0, accepted: 0 };
    sums.set(teacher, { teacher, asked: sum.asked + asked, accepted: sum.accepted + accepted });
  }
  return [...sums.values()];
}

/** How many answers of each teacher were accepted, as `openai:x 1 of 20, procedural:corrector 19 of 19`. */
export function describeShares(tiers: readonly TierShare[]): string {
  return tiers.map(({ teacher, asked, accepted }) => `${teacher} ${accepted} of ${asked}`).join(', ');
}

/** Kinds of reasons that a warning lists, and characters of the one that is shown for each (chosen). */
const MOST_REASONS = 5;
const SHOWN = 160;

/**
 * A warning for each teacher of one's own that gave fewer answers than it was asked for, with the reasons: another one gave the
 * rest. Generators err on purpose, and cost nothing.
 */
export function warnOfShortfalls(tiers: readonly TierShare[], rejected: readonly RejectedReply[]): string[] {
  return tiers.flatMap(({ teacher, asked, accepted }) => {
    if (isProcedural(teacher) || accepted === asked) return [];
    const own = rejected.filter((reply) => reply.teacher === teacher);
    const kinds = [...Map.groupBy(own, kindOf).values()].sort((left, right) => right.length - left.length);
    const shown = kinds.slice(0, MOST_REASONS).map((replies) => {
      const { answer, reason } = replies[0] as RejectedReply;
      return `${replies.length} ${answer === null ? 'without an answer' : 'rejected'}: ${reason.slice(0, SHOWN)}`;
    });
    const more = kinds.length > MOST_REASONS ? [`${kinds.length - MOST_REASONS} other reasons`] : [];
    const why = [...shown, ...more].join('; ');
    return [
      `${teacher} gave ${accepted} of the ${asked} answers that it was asked for (${why}). By teacher: ${describeShares(tiers)}.`,
    ];
  });
}

/** Reasons that differ only in what they quote are one. */
function kindOf({ answer, reason }: RejectedReply): string {
  return `${answer === null} ${reason.replace(/"[^"]*"|\d[\d.,]*/g, '…')}`;
}

/** The most frequent reason of rejected replies, as the end of a sentence; empty when none was rejected. */
export function mostCommonReason(rejected: readonly RejectedReply[]): string {
  const reasons = [...Map.groupBy(rejected, ({ reason }) => reason)];
  const [most] = reasons.sort(([, left], [, right]) => right.length - left.length);
  return most ? `, ${most[1].length} of them: ${most[0]}` : '';
}
