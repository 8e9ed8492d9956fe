import { createRandom } from '@cogumi/pure';
import type { BatchOutcome, Fault, FaultRequest } from './faults.ts';

/**
 * Random faults that are equal for equal seeds in any order of requests: each depends on the request and on how often it came
 * before.
 *
 * @param share - Share of requests with a fault, 0..1.
 * @param most - Most consecutive faults for one request; with one less than the attempts of a client, every request succeeds.
 */
export function faultSchedule(seed: string, faults: readonly Fault[], share: number, most: number) {
  return ({ path, asked, before }: FaultRequest): Fault | null => {
    if (before >= most) return null;
    const random = createRandom(`${seed} ${path} ${asked} ${before}`);
    return random.chance(share) ? random.pick(faults) : null;
  };
}

/** Random outcomes of batch requests, equal for equal seeds; a share of them is `outcome`. */
export function outcomeSchedule(seed: string, outcome: BatchOutcome, share: number) {
  return (customId: string): BatchOutcome => (createRandom(`${seed} ${customId}`).chance(share) ? outcome : 'ok');
}
