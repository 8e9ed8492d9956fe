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

/** Share of drafted tokens that the model accepts, of drafts of a fixed length. */
export async function measureAcceptance(
  host: ModelHost,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
): Promise<{ share: number; drafted: number }> {
  for (const prompt of prompts) for await (const _ of host.generate({ prompt, maxTokens }));
  const { draftedTokens, acceptedTokens } = (await host.statistics()).drafts.draft;
  return { share: draftedTokens === 0 ? 0 : acceptedTokens / draftedTokens, drafted: draftedTokens };
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
