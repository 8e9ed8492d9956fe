import type { ModelHost } from '@cogumi/llama';

/** Tokens per second of one answer, without the draft model and with it. */
export interface Pair {
  readonly without: number;
  readonly with: number;
}

/**
 * Answers each prompt with two hosts of the same model, one after the other, which goes first alternates: what else runs on the machine
 * meets both. Answers without a token are left out.
 */
export async function measureSpeed(
  hosts: { readonly without: ModelHost; readonly with: ModelHost },
  prompts: readonly (readonly number[])[],
  maxTokens: number,
  onProgress: (done: number) => void,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const [at, prompt] of prompts.entries()) {
    const speeds = { without: 0, with: 0 };
    for (const name of at % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      speeds[name] = await tokensPerSecond(hosts[name], prompt, maxTokens);
    }
    if (speeds.without > 0 && speeds.with > 0) pairs.push(speeds);
    onProgress(at + 1);
  }
  return pairs;
}

async function tokensPerSecond(host: ModelHost, prompt: readonly number[], maxTokens: number): Promise<number> {
  const began = performance.now();
  let tokens = 0;
  for await (const piece of host.generate({ prompt, maxTokens })) {
    if (piece.kind === 'end') tokens = piece.completionTokens;
  }
  return (1000 * tokens) / (performance.now() - began);
}

/** What a model accepts of drafts of a fixed length: the share of tokens that it compared, and of all that were drafted. */
export async function measureAcceptance(
  host: ModelHost,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
): Promise<{ share: number; ofDrafts: number; compared: number }> {
  for (const prompt of prompts) for await (const _ of host.generate({ prompt, maxTokens }));
  const { draftedTokens, comparedTokens, acceptedTokens } = (await host.statistics()).drafts.draft;
  const share = (of: number) => (of === 0 ? 0 : acceptedTokens / of);
  return { share: share(comparedTokens), ofDrafts: share(draftedTokens), compared: comparedTokens };
}

/**
 * Share of a draft that is expected to be accepted, if each token is with the same probability, whatever came before: (a + a² + … + aᵏ) / k
 * (Leviathan et al. 2023, equation 1).
 */
export function expectedShare(acceptance: number, length: number): number {
  let [sum, power] = [0, 1];
  for (let place = 0; place < length; place++) sum += power *= acceptance;
  return sum / length;
}
