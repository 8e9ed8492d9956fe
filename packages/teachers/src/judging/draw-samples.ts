import type { Teacher } from '@cogumi/contracts';
import type { ChatCall } from '../provider.ts';
import type { RequestContext, TeacherPool } from '../teacher-pool.ts';

/** Of samples (chosen: the temperature that APIs have by default). */
const TEMPERATURE = 1;

interface Asked {
  readonly teacherPool: Pick<TeacherPool, 'complete'>;
  readonly teacher: Teacher;
  readonly requestContext: RequestContext;
}

/**
 * Draws samples of a judge's verdicts.
 *
 * @param read - The verdict in the reply to an item; null: there is none.
 * @returns For each item whether all samples are readable and equal; nothing where fewer than two were drawn.
 */
export async function drawSamples<Verdict>(
  samples: number,
  callsAt: (temperature: number) => readonly Omit<ChatCall, 'model'>[],
  read: (reply: string | null, at: number) => Verdict | null,
  { teacherPool, teacher, requestContext }: Asked,
): Promise<boolean[]> {
  if (samples < 2) return [];
  const calls = callsAt(TEMPERATURE);
  const drawn: (Verdict | null)[][] = [];
  for (let sample = 1; sample <= samples; sample++) {
    const replies = await teacherPool.complete(teacher, calls, { ...requestContext, sample });
    drawn.push(replies.map(read));
  }
  return calls.map((_, at) => {
    const [first, ...rest] = drawn.map((verdicts) => verdicts[at] ?? null);
    return first !== null && rest.every((verdict) => verdict === first);
  });
}
