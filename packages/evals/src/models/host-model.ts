import { CogumiError, EXIT } from '@cogumi/contracts';
import { chatTokens, llamaRelease, type ModelHost } from '@cogumi/llama';
import { logSumExp } from '@cogumi/pure';
import type { ChatRequest, ChoiceRequest, GenerationRequest } from '../tasks/task.ts';
import { encodePair } from './encode-pair.ts';
import type { EvalModel } from './eval-model.ts';

/**
 * Lists that are this many times as long as the sequences that are decoded side by side (chosen): long answers at the end of a list leave
 * sequences idle, and a kill loses a list.
 */
const LIST_LENGTHS = 4;

export interface HostModelOptions {
  readonly name: string;
  /** `sha256:…` of the model's file. */
  readonly digest: string;
  /** A loaded adapter with the digest of its file; null: the base without an adapter. */
  readonly adapter: { readonly name: string; readonly digest: string } | null;
  /** Sequences that the host decodes side by side. */
  readonly sequences: number;
  /** Called for each prompt that does not fit into the context. */
  readonly onCut?: () => void;
}

/** A model of llama.cpp. A prompt that does not fit into its context loses its beginning, as in lm-eval. */
export function hostModel(host: ModelHost, options: HostModelOptions): EvalModel {
  const { name, digest, sequences, onCut = () => {} } = options;
  const adapter = options.adapter?.name ?? null;
  const { contextTokens } = host.info;
  /** BOS where the model knows it, and control tokens by their names, as tokenizers of transformers read a prompt. */
  const encode = (text: string) => host.tokenize(text, { special: true, addBos: host.info.addsBos });

  function fitting(tokens: number[], maxTokens: number): number[] {
    const room = contextTokens - maxTokens;
    if (room < 1) {
      throw new CogumiError(
        'EVAL_CONTEXT',
        `An answer may have ${maxTokens} tokens; the context of ${name} holds ${contextTokens}.`,
        'Raise --context, up to what the model was trained for.',
        { exitCode: EXIT.usage },
      );
    }
    if (tokens.length > room) onCut();
    return tokens.slice(-room);
  }

  type Asked = Pick<GenerationRequest, 'maxTokens' | 'sampling'> & { readonly stop?: readonly string[] };
  /** @param encodings - The whole prompts, in the order of the requests. */
  async function answer(requests: readonly Asked[], encodings: readonly Promise<number[]>[]): Promise<string[]> {
    const prompts = await Promise.all(encodings);
    const answers = await host.completeAll(
      requests.map(({ stop = [], maxTokens, sampling = {} }, at) => ({
        ...{ prompt: fitting(prompts[at] as number[], maxTokens), adapter, stop, maxTokens },
        ...sampling,
      })),
      // Worked examples are those of the question before.
      { shared: true },
    );
    return answers.map(({ text }) => text);
  }

  return {
    name,
    identity: { digest, adapter: options.adapter?.digest ?? null, contextTokens, llama: llamaRelease() },
    together: sequences * LIST_LENGTHS,
    async generate(requests, signal) {
      signal.throwIfAborted();
      return answer(
        requests,
        requests.map(({ prompt }) => encode(prompt)),
      );
    },
    async chat(requests: readonly ChatRequest[], signal) {
      signal.throwIfAborted();
      return answer(
        requests,
        requests.map(({ messages }) => chatTokens(host, messages)),
      );
    },
    async logLikelihoods({ context, choices }: ChoiceRequest, signal) {
      // The context is the same for all choices.
      const encoded = new Map<string, Promise<number[]>>();
      const encodeOnce = (text: string) => {
        const encoding = encoded.get(text) ?? encode(text);
        encoded.set(text, encoding);
        return encoding;
      };
      const pairs = await Promise.all(choices.map((choice) => encodePair(encodeOnce, context, choice)));
      if (pairs.some(({ before, behind }) => before.length + behind.length > contextTokens + 1)) onCut();
      const read = new Map<string, Promise<Float32Array>>();
      const found: number[] = [];
      for (const { before, behind } of pairs) {
        signal.throwIfAborted();
        // The last token is predicted and not read.
        const tokens = [...before, ...behind].slice(-(contextTokens + 1), -1);
        const key = tokens.join();
        // Choices of one token each share one pass.
        const from = tokens.length - behind.length;
        const reading = read.get(key) ?? host.logits(tokens, { adapter, from, shared: true });
        read.set(key, reading);
        found.push(sumLogProbabilities(await reading, behind));
      }
      return found;
    },
  };
}

/** @param logits - Shape [targets, vocabulary], row-major. @returns Sum over the rows of the log-probability of each row's target. */
function sumLogProbabilities(logits: Float32Array, targets: readonly number[]): number {
  const vocabulary = logits.length / targets.length;
  return targets.reduce((sum, target, row) => {
    const from = row * vocabulary;
    return sum + (logits[from + target] as number) - logSumExp(logits, from, vocabulary);
  }, 0);
}
