import type { Teacher } from '@cogumi/contracts';

/** A grade of procedural teachers: how often it slips. */
export interface Grade {
  readonly teacher: Teacher;
  /** Share of questions it answers with its slip; which ones is fixed by question and teacher. */
  readonly errorRate: number;
}

export const GRADES: readonly Grade[] = [
  { teacher: 'procedural:apprentice', errorRate: 0.25 },
  { teacher: 'procedural:journeyman', errorRate: 0.05 },
  { teacher: 'procedural:master', errorRate: 0 },
];
