import { createRandom } from '@cogumi/pure';
import type { BatchOutcome, Fault, FaultRequest } from './faults.ts';

/**
 * Faults by chance, the same ones for the same seed whatever order requests come in: each is drawn by what is asked and how
 * often it was asked before.
 *
 * @param share - Of requests that get a fault, 0 to 1.
 * @param most - Faults in a row for the same question: with one less than the attempts of a client, all are answered at last.
 */
export function faultSchedule(seed: string, faults: readonly Fault[], share: number, most: number) {
  return ({ path, asked, before }: FaultRequest): Fault | null => {
    if (before >= most) return null;
    const random = createRandom(`${seed} ${path} ${asked} ${before}`);
    return random.chance(share) ? random.pick(faults) : null;
  };
}

/** Outcomes of batch requests by chance, the same ones for the same seed; `share` of them are `outcome`. */
export function outcomeSchedule(seed: string, outcome: BatchOutcome, share: number) {
  return (customId: string): BatchOutcome => (createRandom(`${seed} ${customId}`).chance(share) ? outcome : 'ok');
}
