import type { ModelHost } from '@cogumi/llama';
import { countAgreement } from '@cogumi/pure';
import { z } from 'zod';

/** A line of the engine's `prompts.jsonl`: a prompt, with PyTorch's tokens and greedy continuation. */
export const Reference = z.object({
  prompt: z.string(),
  ids: z.array(z.int()),
  greedyIds: z.array(z.int()),
  greedyText: z.string(),
});
export type Reference = z.infer<typeof Reference>;

/** Counts of what llama.cpp and PyTorch have in common on the same prompts. */
export interface Parity {
  readonly prompts: number;
  /** Prompts with the same tokens in both. */
  readonly sameTokens: number;
  /** Prompts with the same greedy text in both. */
  readonly sameText: number;
  readonly positions: number;
  /** Positions at which both have the same most likely next token. */
  readonly agreeing: number;
}

/**
 * @param logits - PyTorch's, by line number of the reference; shape [ids, vocabulary].
 * @throws RangeError for a reference without logits.
 */
export async function measureParity(
  host: Pick<ModelHost, 'tokenize' | 'logits' | 'completeAll'>,
  references: readonly Reference[],
  logits: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>,
  greedyTokens: number,
  onProgress: (prompts: number) => void,
): Promise<Parity> {
  const parity = { prompts: references.length, sameTokens: 0, sameText: 0, positions: 0, agreeing: 0 };
  for (const [line, reference] of references.entries()) {
    const ids = await host.tokenize(reference.prompt, { special: true });
    parity.sameTokens += Number(ids.join() === reference.ids.join());
    const theirs = logits.get(String(line));
    if (!theirs) throw new RangeError(`the engine wrote no logits for prompt ${line}`);
    const vocabulary = theirs.shape[1] as number;
    // On PyTorch's tokens, so that other tokens do not count as a difference of the weights.
    parity.agreeing += countAgreement(await host.logits(reference.ids), theirs.values, vocabulary);
    parity.positions += reference.ids.length;
    onProgress(line + 1);
  }
  const completions = await host.completeAll(
    references.map(({ ids }) => ({ prompt: ids, maxTokens: greedyTokens, temperature: 0 })),
  );
  parity.sameText = completions.filter(({ text }, at) => text.trim() === references[at]!.greedyText.trim()).length;
  return parity;
}
