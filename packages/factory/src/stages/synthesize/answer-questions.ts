import { CogumiError, type Question, type Teacher } from '@cogumi/contracts';
import type { Faculty, Reply } from '../../teachers/faculty.ts';
import type { SynthesizeOptions } from './options.ts';

/** How many replies are looked at before more are bought (spec P4). */
const BATCH = 100;

export interface Answered {
  readonly question: Question;
  readonly reply: Reply;
}

export interface SetAside {
  readonly question_id: string;
  readonly teacher: string;
  readonly answer: string | null;
  readonly reason: string;
}

/**
 * Has questions answered by several teachers in proportion to their shares; what fails the exact check goes to the
 * corrector. Every hundred replies are checked before the next are asked for, and work stops when the share of bad
 * ones passes the limit.
 *
 * @param questions - In the order they are shared out; shuffle before, so that shares hold in every domain.
 * @throws CogumiError ERROR_RATE when too many replies are bad.
 */
export async function answerQuestions(
  questions: readonly Question[],
  { teachers, corrector, maxErrorRate }: Pick<SynthesizeOptions, 'teachers' | 'corrector' | 'maxErrorRate'>,
  faculty: Faculty,
  signal: AbortSignal,
  onProgress: (done: number) => void,
) {
  const answered: Answered[] = [];
  const setAside: SetAside[] = [];
  const byTeacher: Record<string, number> = {};
  let asked = 0;
  let bad = 0;

  const ask = async (teacher: Teacher, batch: readonly Question[]): Promise<Question[]> => {
    if (batch.length === 0) return [];
    const replies = await faculty.ask(teacher, batch, 'synthesize', signal);
    const judged = await faculty.judge(batch.map((question, at) => ({ question, answer: replies[at]?.answer ?? '' })));
    const failed: Question[] = [];
    for (const [at, question] of batch.entries()) {
      const reply = replies[at] as Reply;
      const judgement = judged[at];
      if (reply.answer !== null && judgement?.correct) {
        answered.push({ question, reply });
        byTeacher[teacher] = (byTeacher[teacher] ?? 0) + 1;
        continue;
      }
      const reason = reply.answer === null || !judgement || judgement.correct ? reply.reason : judgement.reason;
      setAside.push({ question_id: question.question_id, teacher, answer: reply.answer, reason });
      failed.push(question);
    }
    asked += batch.length;
    bad += failed.length;
    if (asked >= Math.min(BATCH, questions.length) && bad / asked > maxErrorRate) {
      throw new CogumiError(
        'ERROR_RATE',
        `${bad} of the first ${asked} replies failed their check; at most ${Math.round(maxErrorRate * 100)}% may.`,
        'Name better `synthesize.teachers`, or raise `synthesize.maxErrorRate`.',
      );
    }
    return failed;
  };

  for (let from = 0; from < questions.length; from += BATCH) {
    for (const [teacher, share] of shareOut(questions.slice(from, from + BATCH), teachers)) {
      const failed = await ask(teacher, share);
      await ask(corrector, failed);
      onProgress(answered.length);
    }
  }
  return { answered, setAside, byTeacher };
}

/** Cuts a list into consecutive parts by share; rounding never loses a question. */
function shareOut(
  questions: readonly Question[],
  teachers: SynthesizeOptions['teachers'],
): [teacher: Teacher, Question[]][] {
  const whole = teachers.reduce((sum, { share }) => sum + share, 0);
  let before = 0;
  return teachers.map(({ teacher, share }) => {
    const from = Math.round((before / whole) * questions.length);
    before += share;
    return [teacher, questions.slice(from, Math.round((before / whole) * questions.length))];
  });
}
