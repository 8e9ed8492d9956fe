import { type Question, turnsOf } from '@cogumi/contracts';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { PROMPTS_A_PASS, readInTurn } from '../../prompt-readers.ts';

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
  for (let from = 0; from < questions.length; from += PROMPTS_A_PASS) {
    const part = questions.slice(from, from + PROMPTS_A_PASS);
    const tokens = await Promise.all(
      part.map(async (question) => (await chatTokens(first, turnsOf(question))).slice(0, ROUTING_TOKENS)),
    );
    for (const { mean } of await readInTurn(hosts, tokens)) embedded.push(mean);
    onProgress(embedded.length);
  }
  return embedded;
}
