import type { Gate } from '@cogumi/contracts';

/** What the merge job measured on fixed rows, in logits. */
export interface MergeProof {
  /** Largest absolute difference of the merged model from base + adapter. */
  readonly maxAbsoluteDifference: number;
  /** Mean absolute difference of the merged model from the base. */
  readonly differenceFromBase: number;
}

/** Whether the merged model equals base + adapter, and whether the adapter changes anything. */
export function mergeGates(
  { maxAbsoluteDifference, differenceFromBase }: MergeProof,
  { tolerance, floor }: { readonly tolerance: number; readonly floor: number },
): Gate[] {
  return [
    {
      name: 'merged-equals-adapter',
      criterion: 'No logit of the merged model differs from base + adapter by more than the tolerance',
      bound: 'at-most',
      threshold: tolerance,
      measured: maxAbsoluteDifference,
      interval: null,
      unit: 'logits',
      evidence: 'proof.json, merged model read back from disk',
      verdict: maxAbsoluteDifference <= tolerance ? 'pass' : 'fail',
      advice: 'Is the base in float16? Merge into bf16 or f32 weights.',
    },
    {
      name: 'adapter-alive',
      criterion: 'The merged model differs from the base by at least the floor',
      bound: 'at-least',
      threshold: floor,
      measured: differenceFromBase,
      interval: null,
      unit: 'logits, mean absolute',
      evidence: 'proof.json',
      verdict: differenceFromBase >= floor ? 'pass' : 'fail',
      advice: 'The adapter changes nothing: raise train.learningRate or look at the training loss.',
    },
  ];
}
