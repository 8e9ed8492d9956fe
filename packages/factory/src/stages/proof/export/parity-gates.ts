import type { Gate } from '@cogumi/contracts';
import { wilsonInterval } from '@cogumi/pure';
import type { Parity } from './measure-parity.ts';

/** Whether the exported file reads and answers as the model does in PyTorch. */
export function parityGates(
  { prompts, sameTokens, sameText, positions, agreeing }: Parity,
  minAgreement: number,
): Gate[] {
  const agreement = agreeing / positions;
  return [
    {
      name: 'same-tokens',
      criterion: 'llama.cpp and PyTorch give every prompt the same tokens',
      bound: 'exactly',
      threshold: 1,
      measured: sameTokens / prompts,
      interval: null,
      unit: 'share of prompts',
      evidence: `${prompts} prompts`,
      verdict: sameTokens === prompts ? 'pass' : 'fail',
      advice: 'Give `export.preTokenizer` the name llama.cpp uses for this tokenizer.',
    },
    {
      name: 'same-answer',
      criterion: 'llama.cpp and PyTorch agree on the most likely next token',
      bound: 'at-least',
      threshold: minAgreement,
      measured: agreement,
      interval: wilsonInterval(agreeing, positions),
      unit: 'share of positions',
      evidence: `${positions} positions of ${prompts} prompts; greedy text equal in ${sameText} of ${prompts}`,
      // The threshold applies to this fixed set of positions, not to a population they are drawn from: the point decides.
      verdict: agreement >= minAgreement ? 'pass' : 'fail',
      advice: 'The conversion changed the model; report the architecture.',
    },
  ];
}
