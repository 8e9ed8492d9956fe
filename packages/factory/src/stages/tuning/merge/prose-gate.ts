import type { Gate } from '@cogumi/contracts';
import { simultaneousQuantile } from '@cogumi/pure';
import { z } from 'zod';
import { judgeGate } from '../../judge-gate.ts';

/** What the merge job measured on the prose; see `MergeOptions`. */
export const ProseProof = z.object({
  proseWindows: z.number(),
  proseLossOfBase: z.number(),
  proseLoss: z.number(),
  proseError: z.number(),
});
export type ProseProof = z.infer<typeof ProseProof>;

/**
 * Whether fine-tuning spoilt text that it did not train on. The ratio of two perplexities is the exponential of the difference of their
 * losses; its interval is that of a mean over windows, which the same tokens pair. Both models have one tokenizer.
 */
export function proseGate(proof: ProseProof, largest: number): Gate {
  const { proseWindows, proseLossOfBase, proseLoss, proseError } = proof;
  const difference = proseLoss - proseLossOfBase;
  const margin = simultaneousQuantile(1) * proseError;
  return judgeGate({
    name: 'prose-perplexity',
    criterion:
      "On text that nothing was trained on, the merged model's perplexity is at most this multiple of the base's",
    bound: 'at-most',
    threshold: largest,
    measured: Math.exp(difference),
    interval: [Math.exp(difference - margin), Math.exp(difference + margin)],
    items: proseWindows,
    unit: '',
    evidence: `proof.json, ${proseWindows} windows; perplexity ${perplexity(proseLoss)}, base ${perplexity(proseLossOfBase)}`,
    advice:
      'Fine-tuning unlearned language: a lower merge.strength or train.learningRate, fewer epochs, or more kinds of rows.',
    guard: true,
  });
}

const perplexity = (loss: number) => Math.exp(loss).toPrecision(4);
