import { CogumiError, type Question, type Teacher } from '@cogumi/contracts';
import type { AnswerCheck, TeacherPool } from '@cogumi/teachers';
import {
  type AcceptedAnswer,
  mostCommonReason,
  type RejectedReply,
  runCascade,
  sumTierShares,
  type TierShare,
} from '@cogumi/teachers';
import type { SynthesizeOptions } from './options.ts';

/** Questions answered and checked before more are paid for, and the factor by which each next round grows (chosen). */
const FIRST = 100;
const GROWTH = 10;

/**
 * Gets questions answered and checked: by tiers, cheap ones first, or by several teachers in proportion to their shares, where
 * the corrector answers what fails. A hundred are answered and checked first, then ten times as many; it stops when too many
 * questions have no accepted answer.
 *
 * @param questions - Distributed in this order; shuffle them first, so that the shares apply to every domain.
 * @throws CogumiError ERROR_RATE.
 */
export async function answerQuestions(
  questions: readonly Question[],
  {
    teachers,
    corrector,
    tiers,
    maxErrorRate,
  }: Pick<SynthesizeOptions, 'teachers' | 'corrector' | 'tiers' | 'maxErrorRate'>,
  check: AnswerCheck,
  teacherPool: Pick<TeacherPool, 'ask'>,
  signal: AbortSignal,
  onProgress: (done: number) => void,
) {
  const answered: AcceptedAnswer[] = [];
  const rejected: RejectedReply[] = [];
  const shares: (readonly TierShare[])[] = [];
  let unusable = 0;
  for (let from = 0, size = FIRST; from < questions.length; from += size, size *= GROWTH) {
    const part = questions.slice(from, from + size);
    const ways: [Teacher[], Question[]][] = tiers.length > 0 ? [[tiers, part]] : shareOut(part, teachers, corrector);
    for (const [way, own] of ways) {
      const before = answered.length;
      const result = await runCascade(own, way, check, teacherPool, {
        stage: 'synthesize',
        // The first hundred decide whether to continue, so they are not sent as a batch that may take a day.
        batchable: from > 0,
        signal,
        onProgress: (done) => onProgress(before + done),
      });
      answered.push(...result.answered);
      rejected.push(...result.rejected);
      shares.push(result.tiers);
      // With shares, the first teacher's answers are expected to pass; with tiers, those of the cheap ones are not.
      unusable +=
        tiers.length > 0 ? result.open.length : (result.tiers[0]?.asked ?? 0) - (result.tiers[0]?.accepted ?? 0);
    }
    const asked = Math.min(from + size, questions.length);
    if (unusable / asked > maxErrorRate) {
      throw new CogumiError(
        'ERROR_RATE',
        `${unusable} of the first ${asked} questions have no accepted answer${tiers.length > 0 ? ' from any tier' : ' from their first teacher'}; the limit is ${Math.round(maxErrorRate * 100)}%. ${rejected.length} replies were rejected${mostCommonReason(rejected)}.`,
        `Set better \`synthesize.${tiers.length > 0 ? 'tiers' : 'teachers'}\`, or raise \`synthesize.maxErrorRate\`.`,
      );
    }
  }
  return { answered, rejected, tiers: sumTierShares(shares) };
}

/** Splits questions into consecutive parts by share, each with its teacher and the corrector; rounding loses no question. */
function shareOut(
  questions: readonly Question[],
  teachers: SynthesizeOptions['teachers'],
  corrector: Teacher,
): [Teacher[], Question[]][] {
  const whole = teachers.reduce((sum, { share }) => sum + share, 0);
  let before = 0;
  return teachers.map(({ teacher, share }) => {
    const from = Math.round((before / whole) * questions.length);
    before += share;
    return [[teacher, corrector], questions.slice(from, Math.round((before / whole) * questions.length))];
  });
}
