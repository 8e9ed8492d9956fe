import type { Gate } from '@cogumi/contracts';
import { judgeGate } from '../../judge-gate.ts';

interface Compared {
  readonly texts: number;
  /** Texts with the same tokens in both. */
  readonly same: number;
  /** The first text with other tokens. */
  readonly first: string | null;
  /** Types of the file's matrices. */
  readonly types: string;
}

/** Whether the tokenizer that training uses is the one that llama.cpp serves. */
export function tokensGate({ texts, same, first, types }: Compared): Gate {
  const differs = first === null ? '' : `; first that differs: ${JSON.stringify(first.slice(0, 80))}`;
  return judgeGate({
    items: texts,
    name: 'same-tokens',
    criterion: 'llama.cpp and the tokenizer rebuilt from the file give every text the same tokens',
    bound: 'exactly',
    threshold: 1,
    measured: same / texts,
    unit: 'share of texts',
    evidence: `${texts} texts in 12 scripts, with digits, code, spaces and marks${differs}; weights dequantized from ${types}`,
    advice: 'Give the model as a folder in Hugging Face form, with its own tokenizer.',
  });
}
