import type { Teacher } from '@cogumi/contracts';
import { median } from '@cogumi/pure';
import { isRefusal } from '../extraction/is-refusal.ts';
import type { RequestContext, TeacherPool } from '../teacher-pool.ts';
import type { AnswerScale } from './answer-scale.ts';
import { drawSamples } from './draw-samples.ts';
import type { JudgedItem } from './judged-item.ts';
import { type LabelledAnswer, majority } from './labels.ts';

/**
 * Has a judge score each answer, and draws samples of its scores. An answer that is longer than the median is what a judge finds
 * good that goes by the length.
 *
 * @param minScore - Least score of a good answer, 1..10.
 * @param samples - Further scores an answer, drawn with a temperature; 0: none.
 */
export async function askAboutAnswers(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  answers: readonly LabelledAnswer[],
  { minScore, samples, scale }: { readonly minScore: number; readonly samples: number; readonly scale: AnswerScale },
  requestContext: RequestContext,
): Promise<JudgedItem<boolean>[]> {
  const isGood = (reply: string | null) => {
    const score = scale.read(reply);
    return score === null ? null : score >= minScore;
  };
  const calls = scale.calls(answers);
  const replies = await teacherPool.complete(teacher, calls, requestContext);
  const drawn = await drawSamples(samples, (temperature) => calls.map((call) => ({ ...call, temperature })), isGood, {
    teacherPool,
    teacher,
    requestContext,
  });
  const middle = median(answers.map(({ answer }) => answer.length));
  return answers.map(({ answer, people }, at) => {
    const reply = replies[at] ?? null;
    const judge = isGood(reply);
    const long = answer.length === middle ? null : answer.length > middle;
    const label = majority(people);
    return {
      ...{ people, judge, steady: null, places: [] },
      byLength: long === null || judge === null ? null : judge === long,
      lengthMisleads: long !== null && label !== null && label !== long,
      repeats: drawn[at] ?? null,
      refusals: reply !== null && isRefusal(reply) ? 1 : 0,
    };
  });
}
