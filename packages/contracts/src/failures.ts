import { z } from 'zod';
import { Failure } from './answer.ts';
import { Difficulty, Domain } from './domains.ts';

/** What went wrong with an answer: what its judge said of it, or `empty`: it says nothing. */
export const FailureKind = z.enum([...Failure.options, 'empty']);
export type FailureKind = z.infer<typeof FailureKind>;

/** A line of `failures.jsonl`: a held-out question that the model failed. */
export const FailedAnswer = z.strictObject({
  question_id: z.string(),
  domain: Domain,
  difficulty: Difficulty,
  task: z.string(),
  kind: FailureKind,
  cluster: z.int().nonnegative().nullable().describe('null: failures of this kind are not clustered.'),
  point: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('Place on the map: along the two directions in which the prompts of clustered failures differ most.'),
  critique: z
    .string()
    .nullish()
    .describe('What a teacher says that the model did wrong; null: it said nothing; left out: none was asked.'),
});
export type FailedAnswer = z.infer<typeof FailedAnswer>;

/** Of questions that share something: how many were asked and failed. */
const Counts = { asked: z.int().positive(), failed: z.int().nonnegative() };

export const FailureCluster = z.strictObject({
  cluster: z.int().nonnegative().describe('The largest is 0.'),
  size: z.int().positive(),
  label: z.string().describe('What a teacher called it, else its most telling words.'),
  words: z
    .array(
      z.strictObject({
        word: z.string(),
        questions: z.int().positive().describe('Of the cluster, with the word.'),
        z: z.number().describe('Log-odds against all other questions that were asked, in standard deviations.'),
      }),
    )
    .describe('The most telling first.'),
  strata: z
    .array(z.strictObject({ domain: Domain, difficulty: Difficulty, failures: z.int().positive(), ...Counts }))
    .describe('Where its failures come from, the most first; `asked` and `failed` are those of the whole stratum.'),
  tasks: z
    .array(z.strictObject({ task: z.string(), failures: z.int().positive(), ...Counts }))
    .describe('The same by task.'),
  examples: z
    .array(
      z.strictObject({
        ...{ question_id: z.string(), question: z.string(), answer: z.string(), reason: z.string() },
        critique: z.string().nullish(),
      }),
    )
    .describe('The failures nearest to the centre, the nearest first.'),
});
export type FailureCluster = z.infer<typeof FailureCluster>;

/** `clusters.json` of an artifact of kind `failures`. */
export const FailureClusters = z.strictObject({
  schema: z.literal(1),
  asked: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  kinds: z.partialRecord(FailureKind, z.int().positive()),
  clustered: z.array(FailureKind).describe('The kinds of failures that were clustered.'),
  strata: z.array(
    z.strictObject({
      ...{ domain: Domain, difficulty: Difficulty, ...Counts },
      kinds: z.partialRecord(FailureKind, z.int().positive()),
    }),
  ),
  silhouette: z
    .number()
    .nullable()
    .describe('How far the clusters lie apart, -1 to 1; null: there is at most one cluster.'),
  exact: z.boolean().describe('false: silhouettes are those of a sample.'),
  tried: z.array(
    z.strictObject({
      domain: Domain.optional().describe('Whose failures were clustered; left out: all together.'),
      clusters: z.int(),
      silhouette: z.number(),
    }),
  ),
  explained: z.number().describe('Share of the variance of the prompts that the map shows.'),
  clusters: z.array(FailureCluster),
});
export type FailureClusters = z.infer<typeof FailureClusters>;
