import type { Answer } from '@cogumi/contracts';
import type { Evaluation } from './read-run.ts';

/** How a model's verdicts moved against another's on the same questions. */
export interface Moves {
  readonly gained: number;
  readonly lost: number;
  readonly bothRight: number;
  readonly bothWrong: number;
}

export function countMoves(before: readonly Answer[], after: readonly Answer[]): Moves {
  const old = new Map(before.map(({ question_id, correct }) => [question_id, correct]));
  const pairs = after.flatMap(({ question_id, correct }) => {
    const was = old.get(question_id);
    return was === undefined ? [] : [[was, correct] as const];
  });
  const count = (was: boolean, is: boolean) => pairs.filter(([left, right]) => left === was && right === is).length;
  return {
    gained: count(false, true),
    lost: count(true, false),
    bothRight: count(true, true),
    bothWrong: count(false, false),
  };
}

/**
 * At most `most` values at even distances: nobody picked them, so wrong answers show as often as they occur.
 *
 * @param most - At least 1.
 */
export function evenly<T>(values: readonly T[], most: number): T[] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, at) => values[Math.floor((at * values.length) / count)] as T);
}

/** The answer to a question in each evaluation that has one. */
export function answersTo(question: string, evaluations: readonly Evaluation[]): { name: string; answer: Answer }[] {
  return evaluations.flatMap(({ name, answers }) => {
    const answer = answers.find(({ question_id }) => question_id === question);
    return answer ? [{ name, answer }] : [];
  });
}
