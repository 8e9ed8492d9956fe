import type { ModelHost } from '@cogumi/llama';
import { countAgreement } from '@cogumi/pure';

/**
 * At how many token positions models with one tokenizer have the same most likely next token as another. The beginning that all
 * prompts have in common does not count: it is the same positions each time, and would make the sample look larger than it is.
 *
 * @param prompts - Read one after another, each as a whole, until `wanted` positions are reached.
 * @returns `agreeing`: of each of `after`, in their order. `positions`: how many there were; fewer than `wanted` when the prompts run
 * out.
 */
export async function measureAgreement(
  before: ModelHost,
  after: readonly ModelHost[],
  prompts: readonly string[],
  wanted: number,
  onProgress: (positions: number) => void,
): Promise<{ agreeing: number[]; positions: number }> {
  const tokens = await Promise.all(prompts.map((prompt) => before.tokenize(prompt, { special: true })));
  const from = commonBeginning(tokens);
  const agreeing = after.map(() => 0);
  let positions = 0;
  for (const ids of tokens) {
    if (positions >= wanted) break;
    const [theirs, ...own] = await Promise.all([before, ...after].map((host) => host.logits(ids, { from })));
    for (const [at, logits] of own.entries()) {
      agreeing[at]! += countAgreement(logits, theirs as Float32Array, before.info.vocabularySize);
    }
    positions += ids.length - from;
    onProgress(positions);
  }
  return { agreeing, positions };
}

/** Tokens with which all lists begin; none of a single list. */
function commonBeginning([first = [], ...others]: readonly (readonly number[])[]): number {
  if (others.length === 0) return 0;
  const end = first.findIndex((token, at) => others.some((other) => other[at] !== token));
  return end === -1 ? first.length : end;
}
