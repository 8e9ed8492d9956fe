import type { Question, Teacher } from '@cogumi/contracts';
import { type ExampleQuestion, type TeacherPool, writeVariants } from '@cogumi/teachers';
import { TASKS } from '@cogumi/teachers/procedural';
import { drawGenerated, type Kind } from '../../draw-questions.ts';

/** Variants that are written of one failed question, about (chosen: more repeat each other). */
const VARIANTS_EACH = 4;

interface Given {
  readonly split: 'train' | 'test';
  readonly unseenShare: number;
  readonly round: number;
  readonly seed: number;
  /** Writes questions that no generator makes; null: nobody does. */
  readonly writer: Teacher | null;
  /** The failed questions of the kind. */
  readonly failed: readonly Question[];
  /** What a critic says of a failure; null: nothing. */
  readonly critiqueOf: (question: Question) => string | null;
  /** Examples of the domain that the model was not trained on and that nothing else takes, for a kind without a generator. */
  readonly unused: readonly Question[];
  readonly teacherPool: TeacherPool;
  readonly signal: AbortSignal;
}

/** New questions of a kind: as many as are wanted, or fewer where its generator, the unused examples and the teacher have no more. */
export async function drawKind(kind: Kind, count: number, options: Given): Promise<readonly Question[]> {
  const { split, unseenShare, round, seed, writer, failed, unused, critiqueOf, teacherPool, signal } = options;
  if (TASKS.has(kind.task))
    return drawGenerated(kind, count, {
      ...{ split, unseenShare, seed: `${seed}/target/${round}`, teacherPool, signal },
    });
  const given = unused.filter(({ difficulty }) => difficulty === kind.difficulty).slice(0, count);
  const wanted = count - given.length;
  const originals = failed.filter(isExample).slice(0, Math.ceil(wanted / VARIANTS_EACH));
  if (writer === null || originals.length === 0) return given;
  // What is asked again in another round, or for the other split, gives others.
  const sample = 2 * (round - 1) + (split === 'test' ? 1 : 0);
  const { variants } = await writeVariants(originals, { writer, count: wanted, sample, critiqueOf }, teacherPool, {
    ...{ stage: 'target', signal },
  });
  const written = variants.flat();
  return [
    ...given,
    ...written.map((question, at) => ({
      ...question,
      question_id: `${kind.domain}_${kind.difficulty}_${String(at + 1).padStart(4, '0')}`,
    })),
  ];
}

/** Whether new questions of a kind can be had. */
export function isDrawable({ task }: Kind, writer: Teacher | null, unused: readonly Question[]): boolean {
  return TASKS.has(task) || writer !== null || unused.length > 0;
}

function isExample(question: Question): question is ExampleQuestion {
  return question.example !== undefined;
}
