import { type Answer, promptOf, type Question } from '@cogumi/contracts';
import type { TeacherPool } from '@cogumi/teachers';
import { askInBothOrders, judgePrompt } from '@cogumi/teachers/judging';
import type { AnswerPair } from '../../pair-answers.ts';

interface Compared {
  readonly at: number;
  readonly question: Question;
  readonly first: string;
  readonly second: string;
}

/**
 * Compares answers of domains whose judge compares pairs. A win counts as a right answer against a wrong one, a tie as two right ones, so
 * that the ratio of such a domain is (wins + ties) / (losses + ties). Equal answers are a tie that nobody is asked about.
 *
 * @param pairs - In the order of the questions.
 * @returns The pairs, with those of such domains replaced.
 */
export async function preferAnswers(
  pairs: readonly AnswerPair[],
  { questions, ours, theirs }: { questions: readonly Question[]; ours: readonly Answer[]; theirs: readonly Answer[] },
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: Parameters<TeacherPool['complete']>[2],
): Promise<AnswerPair[]> {
  const others = new Map(theirs.map(({ question_id, answer }) => [question_id, answer]));
  const compared = questions.flatMap((question, at): Compared[] => {
    const check = question.example?.check;
    if (check?.kind !== 'judge' || check.compare !== 'pairs') return [];
    return [{ at, question, first: ours[at]?.answer ?? '', second: others.get(question.question_id) ?? '' }];
  });
  const judged = [...pairs];
  const note = ({ at, question }: Compared, verdict: Pick<AnswerPair, 'ours' | 'theirs'>) => {
    const { check } = question.example!;
    const holds = check.kind === 'judge' && check.passport === judgePrompt('pairs');
    judged[at] = { domain: question.domain, ...verdict, ...(holds ? {} : { advice: true }) };
  };
  for (const one of compared.filter(({ first, second }) => first === second)) note(one, { ours: true, theirs: true });
  const differing = compared.filter(({ first, second }) => first !== second);
  for (const [teacher, own] of Map.groupBy(differing, ({ question }) => judgeOf(question))) {
    const asked = own.map(({ question, first, second }) => ({ question: textOf(question), first, second }));
    const verdicts = await askInBothOrders(teacherPool, teacher, asked, requestContext);
    for (const [number, one] of own.entries()) {
      const preferred = verdicts[number]?.judge ?? null;
      if (preferred === null) note(one, { ours: null, theirs: null });
      else note(one, { ours: preferred !== 'second', theirs: preferred !== 'first' });
    }
  }
  return judged;
}

function judgeOf({ example }: Question): string {
  return example?.check.kind === 'judge' ? example.check.teacher : '';
}

/** The question, with the turns before it where there are any. */
function textOf({ question, example }: Question): string {
  const turns = promptOf({ history: example?.history ?? [], question, steps: example?.steps });
  return turns.length === 1 ? question : turns.map(({ role, content }) => `${role}: ${content}`).join('\n\n');
}
