import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { AnswerOptions } from '../runtime.ts';
import { LONGEST_STOP, MOST_BIASES, MOST_CHOICES } from './limits.ts';

const Stop = z.string().min(1).max(LONGEST_STOP);

/** Fields of OpenAI's API, and of vLLM's and llama-server's, that say how tokens are chosen. All of its endpoints take them. */
export const SAMPLING_FIELDS = {
  temperature: z.number().min(0).max(2).optional().describe('0 (default): always the most likely token.'),
  top_p: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe('Sample from the smallest set of tokens with this much probability.'),
  top_k: z.int().min(-1).optional().describe('Sample from this many most likely tokens; 0 or -1: from all.'),
  min_p: z.number().min(0).max(1).optional().describe('Drop tokens below this share of the highest probability.'),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  repetition_penalty: z
    .number()
    .gt(0)
    .max(10)
    .optional()
    .describe('Divides logits of tokens that stood before; 1: off.'),
  logit_bias: z
    .record(z.string().regex(/^\d{1,9}$/, 'the key must be a token id'), z.number().min(-100).max(100))
    .refine((biases) => Object.keys(biases).length <= MOST_BIASES, `must have at most ${MOST_BIASES} tokens`)
    .optional(),
  seed: z.int().optional(),
  stop: z.union([Stop, z.array(Stop).max(4)]).optional(),
  n: z.int().min(1).max(MOST_CHOICES).optional().describe('Answers to the same prompt.'),
};

const Sampling = z.object(SAMPLING_FIELDS);

/** What the model needs to know of these fields. */
export function samplingOptions(fields: z.infer<typeof Sampling>): AnswerOptions {
  const { temperature = 0, top_k, stop, seed, logit_bias } = fields;
  const set = {
    topP: fields.top_p,
    minP: fields.min_p,
    topK: top_k === undefined ? undefined : Math.max(0, top_k),
    frequencyPenalty: fields.frequency_penalty,
    presencePenalty: fields.presence_penalty,
    repetitionPenalty: fields.repetition_penalty,
    choices: fields.n,
    logitBias: logit_bias && Object.entries(logit_bias).map(([token, bias]) => [Number(token), bias] as const),
  };
  return {
    temperature,
    // Without a seed, two sampled answers should differ.
    seed: seed === undefined ? randomInt(2 ** 32) : seed >>> 0,
    stop: typeof stop === 'string' ? [stop] : (stop ?? []),
    ...withoutUndefined(set),
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

export function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
