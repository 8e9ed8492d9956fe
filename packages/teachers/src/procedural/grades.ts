import type { Teacher } from '@cogumi/contracts';

/**
 * A grade of procedural teachers. All grades are one oracle that knows the correct answer of every task; a grade replaces a
 * share of them by wrong answers, so that checks, correction and cascade have something to do.
 */
export interface Grade {
  readonly teacher: Teacher;
  /** Share of questions with a wrong answer (chosen). Question and teacher decide which ones, so that it is reproducible. */
  readonly errorRate: number;
}

export const GRADES: readonly Grade[] = [
  { teacher: 'procedural:apprentice', errorRate: 0.25 },
  { teacher: 'procedural:journeyman', errorRate: 0.05 },
  { teacher: 'procedural:master', errorRate: 0 },
];
