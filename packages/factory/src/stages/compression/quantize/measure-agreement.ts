import type { ModelHost } from '@cogumi/llama';
import { countAgreement } from '@cogumi/pure';

/**
 * At how many token positions two models with one tokenizer have the same most likely next token.
 *
 * @param prompts - Read one after another, each as a whole, until `wanted` positions are reached.
 * @returns `positions`: how many there were; fewer than `wanted` when the prompts run out.
 */
export async function measureAgreement(
  { before, after }: Readonly<Record<'before' | 'after', ModelHost>>,
  prompts: readonly string[],
  wanted: number,
  onProgress: (positions: number) => void,
): Promise<{ agreeing: number; positions: number }> {
  let agreeing = 0;
  let positions = 0;
  for (const prompt of prompts) {
    if (positions >= wanted) break;
    const ids = await after.tokenize(prompt, { special: true });
    const [theirs, own] = await Promise.all([before.logits(ids), after.logits(ids)]);
    agreeing += countAgreement(own, theirs, after.info.vocabularySize);
    positions += ids.length;
    onProgress(positions);
  }
  return { agreeing, positions };
}
