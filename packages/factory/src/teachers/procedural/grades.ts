import type { Teacher } from '@cogumi/contracts';

/** A grade of procedural teachers: how often it slips, and what a token costs. */
export interface Grade {
  readonly teacher: Teacher;
  /** Share of questions it answers with its slip; which ones is fixed by question and teacher. */
  readonly slips: number;
  /** USD a million tokens. Nominal: procedural teachers cost nothing, but the ledger counts as if they were tiers of a provider. */
  readonly inputPrice: number;
  readonly outputPrice: number;
}

export const GRADES: readonly Grade[] = [
  { teacher: 'procedural:apprentice', slips: 0.25, inputPrice: 0, outputPrice: 0 },
  { teacher: 'procedural:journeyman', slips: 0.05, inputPrice: 0, outputPrice: 0 },
  { teacher: 'procedural:master', slips: 0, inputPrice: 0, outputPrice: 0 },
];
