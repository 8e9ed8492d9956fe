import { chatTokens, type ModelHost } from '@cogumi/llama';
import { logSumExp } from '@cogumi/pure';
import type { MinimalPair } from './make-pairs.ts';

/** Bits of both answers to a question, each given the chat before it; the likelier answer has fewer. */
export interface Bits {
  readonly right: number;
  readonly wrong: number;
}

type Reader = Pick<ModelHost, 'info' | 'tokenize' | 'logits'>;

/** What the two answers of each pair cost a model. The tokens of an answer follow those of the prompt, as when it is generated. */
export async function readPairs(
  host: Reader,
  pairs: readonly MinimalPair[],
  onProgress: (done: number) => void,
): Promise<Bits[]> {
  const found: Bits[] = [];
  for (const { turns, right, wrong } of pairs) {
    const prompt = await chatTokens(host, turns);
    const bits = async (answer: string) => answerBits(host, prompt, await host.tokenize(answer, { special: false }));
    found.push({ right: await bits(right), wrong: await bits(wrong) });
    onProgress(found.length);
  }
  return found;
}

/** Bits of `answer` behind `prompt`. */
async function answerBits(host: Reader, prompt: readonly number[], answer: readonly number[]): Promise<number> {
  // The last token is predicted and not read; the last of the prompt predicts the first.
  const logits = await host.logits([...prompt, ...answer].slice(0, -1), { from: prompt.length - 1, shared: true });
  const width = logits.length / answer.length;
  const nats = answer.reduce(
    (sum, token, row) => sum + logSumExp(logits, row * width, width) - (logits[row * width + token] as number),
    0,
  );
  return nats / Math.LN2;
}
