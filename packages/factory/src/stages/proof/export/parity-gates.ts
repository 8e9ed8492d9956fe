import type { Gate } from '@cogumi/contracts';
import { wilsonInterval } from '@cogumi/pure';
import { z } from 'zod';
import { judgeGate } from '../../judge-gate.ts';
import type { Parity } from './measure-parity.ts';

/** What the engine's `logits` job says of the prompts. */
export const PromptLoss = z.object({ loss: z.number(), vocabulary: z.int(), ends: z.array(z.int()) });
export type PromptLoss = z.infer<typeof PromptLoss>;

/** Whether the exported file reads and answers as the model does in PyTorch. */
export function parityGates(
  { prompts, sameTokens, sameText, positions, agreeing }: Parity,
  { loss, vocabulary }: Pick<PromptLoss, 'loss' | 'vocabulary'>,
  minAgreement: number,
): Gate[] {
  const agreement = agreeing / positions;
  const guessing = Math.log(vocabulary);
  return [
    judgeGate({
      name: 'reads-prompts',
      criterion: 'The model predicts the tokens of the prompts better than guessing does',
      bound: 'at-most',
      threshold: guessing,
      measured: loss,
      items: prompts,
      unit: 'nats per token',
      evidence: `${prompts} prompts in PyTorch; guessing: the logarithm of ${vocabulary} tokens`,
      advice: 'The tokenizer is not the one that the model was trained with, or the weights are not trained.',
    }),
    judgeGate({
      name: 'same-tokens',
      criterion: 'llama.cpp and PyTorch give every prompt the same tokens',
      bound: 'exactly',
      threshold: 1,
      measured: sameTokens / prompts,
      items: prompts,
      unit: 'share of prompts',
      evidence: `${prompts} prompts`,
      advice: 'Give `export.preTokenizer` the name llama.cpp uses for this tokenizer.',
    }),
    judgeGate({
      name: 'same-answer',
      criterion: 'llama.cpp and PyTorch agree on the most likely next token',
      bound: 'at-least',
      threshold: minAgreement,
      measured: agreement,
      ...(positions > 0 ? { interval: wilsonInterval(agreeing, positions) } : {}),
      items: positions,
      unit: 'share of positions',
      evidence: `${positions} positions of ${prompts} prompts; greedy text equal in ${sameText} of ${prompts}`,
      // The threshold applies to this fixed set of positions, not to a population they are drawn from: the point decides.
      judgedBy: 'value',
      advice: 'The conversion changed the model; report the architecture.',
    }),
  ];
}
