import type { JudgePassport, Teacher } from '@cogumi/contracts';
import { hashJson, type Kappa } from '@cogumi/pure';
import type { RequestContext, TeacherPool } from '../teacher-pool.ts';
import { type AnswerScale, LOWEST_OF_THREE } from './answer-scale.ts';
import { askAboutAnswers } from './ask-about-answers.ts';
import { askAboutPairs } from './ask-about-pairs.ts';
import { PAIR_PROMPT } from './pair-prompt.ts';
import type { Labels } from './read-labels.ts';
import { requirementsOf } from './requirements.ts';

/** What a passport is bound to. */
export type PassportOf = Pick<JudgePassport, 'teacher' | 'form' | 'minScore'>;

export interface JudgeCheck {
  readonly teacher: Teacher;
  readonly labels: Labels;
  /** Further verdicts an item, drawn with a temperature, to see whether they are equal; below 2: none. */
  readonly samples: number;
  /** Of labelled answers: how they are scored; default: as the factory's judges do. */
  readonly scale?: AnswerScale;
}

/** SHA-256 of the prompt that judges of a form are asked by. */
export function judgePrompt(form: JudgePassport['form']): string {
  return form === 'pairs' ? hashJson(PAIR_PROMPT) : LOWEST_OF_THREE.prompt;
}

/**
 * Compares a judge with people and makes its passport.
 *
 * @throws BudgetExceededError, ProviderError. Paid replies are kept, so that another call goes on with them.
 */
export async function checkJudge(
  teacherPool: Pick<TeacherPool, 'complete'>,
  check: JudgeCheck,
  requestContext: RequestContext,
): Promise<JudgePassport> {
  const { teacher, labels, scale = LOWEST_OF_THREE } = check;
  const { requirements, agreement } = await measure(teacherPool, check, requestContext);
  const failed = requirements.some(({ verdict }) => verdict === 'fail');
  const passed = requirements.every(({ verdict }) => verdict === 'pass');
  return {
    schema: 1,
    teacher,
    form: labels.form,
    minScore: labels.form === 'answers' ? labels.minScore : null,
    prompt: labels.form === 'answers' ? scale.prompt : judgePrompt('pairs'),
    labels: hashJson(labels.items),
    items: labels.items.length,
    verdict: failed ? 'refused' : passed ? 'valid' : 'undecided',
    requirements,
    agreement: agreement === null ? 0 : agreement.agreeing / agreement.items,
    kappa: agreement?.kappa ?? 0,
  };
}

async function measure(
  teacherPool: Pick<TeacherPool, 'complete'>,
  { teacher, labels, samples, scale = LOWEST_OF_THREE }: JudgeCheck,
  requestContext: RequestContext,
): Promise<{ requirements: JudgePassport['requirements']; agreement: Kappa | null }> {
  if (labels.form === 'pairs') {
    const judged = await askAboutPairs(teacherPool, teacher, labels.items, samples, requestContext);
    return requirementsOf(judged, ['first', 'second']);
  }
  const { items, minScore } = labels;
  const judged = await askAboutAnswers(teacherPool, teacher, items, { minScore, samples, scale }, requestContext);
  return requirementsOf(judged, []);
}

/** Names of what a judge failed, and of what the labels cannot tell. */
export function describePassport({ verdict, requirements }: JudgePassport): string {
  const named = (wanted: string) => requirements.flatMap((one) => (one.verdict === wanted ? [one.name] : []));
  if (verdict === 'valid') return 'valid';
  if (verdict === 'refused') return `refused: ${named('fail').join(', ')}`;
  return `undecided: the labels cannot tell ${named('inconclusive').join(', ')}`;
}
