import type { Gate } from '@cogumi/contracts';
import { z } from 'zod';
import { judgeGate } from '../../judge-gate.ts';

/** What the merge job measured at fixed positions; see `MergeOptions`. KL divergences in nats. */
export const MergeProof = z.object({
  positions: z.number(),
  precision: z.string(),
  effect: z.number(),
  mergeError: z.number(),
  rounding: z.number(),
  roundingToNearest: z.number(),
  roundingNoise: z.number(),
  agreement: z.number(),
  lossInF32: z.number(),
  loss: z.number(),
});
export type MergeProof = z.infer<typeof MergeProof>;

/** Weights in f32 are written as they are; what is left is the order of additions. */
const LEAST_NOISE = 1e-9;

/**
 * Whether the merge is exact, whether the written file differs from it by rounding only, and whether the adapter says more than
 * rounding does. No limit depends on the scale of a model's logits: each is measured on the model itself.
 */
export function mergeGates(proof: MergeProof, tolerance: number): Gate[] {
  const { positions, precision, effect, mergeError, rounding, roundingToNearest, roundingNoise } = proof;
  const common = { items: positions, unit: 'nats per token' };
  const noise = Math.max(roundingNoise, LEAST_NOISE);
  // A file that was read back as it was written has this divergence to the last digits.
  const tolerated = Math.max(1.001 * Math.min(roundingToNearest, roundingNoise), LEAST_NOISE);
  return [
    judgeGate({
      ...common,
      name: 'merged-equals-adapter',
      criterion: "The merge in f32 loses at most this share of the adapter's effect on the logits",
      bound: 'at-most',
      threshold: tolerance,
      measured: mergeError,
      unit: 'share of the effect',
      evidence: `proof.json, ${positions} positions`,
      advice:
        'The merged weights are not base + adapter: look for another scale, a transposed matrix or a second merge.',
    }),
    judgeGate({
      ...common,
      name: 'rounding-only',
      criterion: `The file read back differs from the merge in f32 by what rounding to ${precision} costs, and by no more`,
      bound: 'at-most',
      threshold: tolerated,
      measured: rounding,
      evidence: `proof.json; to nearest ${short(roundingToNearest)}, at random ${short(roundingNoise)}: the smaller is written; same top token at ${percent(proof.agreement)} of the positions, loss ${proof.loss.toFixed(4)}, in f32 ${proof.lossInF32.toFixed(4)}`,
      advice: 'The written file is not the merged model: look for a disk that loses bytes, or shards of another model.',
    }),
    judgeGate({
      ...common,
      name: 'adapter-alive',
      criterion: `The adapter changes the base by more than rounding to ${precision} does`,
      bound: 'at-least',
      threshold: noise,
      measured: effect,
      evidence: 'proof.json',
      advice: 'The adapter changes nothing: raise train.learningRate or look at the training loss.',
    }),
  ];
}

const short = (nats: number) => nats.toPrecision(2);
const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
