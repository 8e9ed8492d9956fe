import { turnsOf } from '@cogumi/contracts';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { PROMPTS_A_PASS, readInTurn } from '../../prompt-readers.ts';
import type { Asked } from './count-strata.ts';

/**
 * What a model makes of questions and of the wrong answers to them: the mean of its last hidden states over the prompt, as the router
 * reads it, and beside it the mean over the answer (both together at most 1,024 tokens). An answer without tokens has the mean of its prompt.
 *
 * @param hosts - Copies of one model, which share the failures.
 * @returns For each failure, shape [2 × hidden].
 */
export async function embedFailures(
  hosts: readonly ModelHost[],
  failures: readonly Asked[],
  onProgress: (done: number) => void,
): Promise<Float32Array[]> {
  const [first] = hosts as [ModelHost];
  const embedded: Float32Array[] = [];
  for (let from = 0; from < failures.length; from += PROMPTS_A_PASS) {
    const part = failures.slice(from, from + PROMPTS_A_PASS);
    const prompts = await Promise.all(
      part.map(async ({ question }) => (await chatTokens(first, turnsOf(question))).slice(0, ROUTING_TOKENS)),
    );
    const both = await Promise.all(
      part.map(async ({ answer }, at) =>
        [...prompts[at]!, ...(await first.tokenize(answer.answer))].slice(0, ROUTING_TOKENS),
      ),
    );
    const read = await readInTurn(hosts, [...prompts, ...both]);
    for (const [at, { length: prompt }] of prompts.entries())
      embedded.push(sideBySide(read[at]!.mean, prompt, read[part.length + at]!.mean, both[at]!.length));
    onProgress(embedded.length);
  }
  return embedded;
}

/** The mean over the prompt and that over what follows it: a token's state hangs on those before it only, so sums can be subtracted. */
function sideBySide(ofPrompt: Float32Array, prompt: number, ofBoth: Float32Array, both: number): Float32Array {
  const ofAnswer =
    both > prompt ? ofPrompt.map((mean, at) => (both * ofBoth[at]! - prompt * mean) / (both - prompt)) : ofPrompt;
  return Float32Array.from([...ofPrompt, ...ofAnswer]);
}
