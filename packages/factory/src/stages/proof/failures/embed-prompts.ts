import type { Question } from '@cogumi/contracts';
import { turnsOf } from '@cogumi/contracts';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';

/** Prompts of one pass: each is decoded alone, so that the grouping changes progress and no number. */
const PASS = 64;

/**
 * What a model makes of prompts: the mean of its last hidden states over the prompt (its first 1,024 tokens), as the router reads them.
 *
 * @param hosts - Copies of one model, which share the prompts.
 * @returns For each question, shape [hidden].
 */
export async function embedPrompts(
  hosts: readonly ModelHost[],
  questions: readonly Question[],
  onProgress: (done: number) => void,
): Promise<Float32Array[]> {
  const [first] = hosts as [ModelHost];
  const embedded: Float32Array[] = [];
  for (let from = 0; from < questions.length; from += PASS) {
    const part = questions.slice(from, from + PASS);
    const tokens = await Promise.all(
      part.map(async (question) => (await chatTokens(first, turnsOf(question))).slice(0, ROUTING_TOKENS)),
    );
    const read = await Promise.all(
      hosts.map((host, at) => host.inspect(tokens.filter((_, index) => index % hosts.length === at))),
    );
    for (const index of part.keys()) {
      embedded.push(read[index % hosts.length]![Math.floor(index / hosts.length)]!.mean);
    }
    onProgress(embedded.length);
  }
  return embedded;
}
