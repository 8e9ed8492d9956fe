import { z } from 'zod';

/** A line of `targets.jsonl`: the cluster of failures whose kind a new question is of. */
export const Target = z.strictObject({ question_id: z.string(), cluster: z.int().nonnegative() });
export type Target = z.infer<typeof Target>;

/** An answer to a new question before the repair and after it. */
const RetestedAnswer = z.strictObject({ answer: z.string(), correct: z.boolean() });

/** New held-out questions of the kind of one cluster, answered before the repair and after it. */
export const RetestedCluster = z.strictObject({
  cluster: z.int().nonnegative(),
  label: z.string().describe('As the cluster of failures has it.'),
  failures: z.int().positive().describe('Held-out questions of the cluster, which the model failed.'),
  tasks: z.array(z.string()).describe('What its new questions are of, the most first.'),
  questions: z.int().positive().describe('New ones that have a verdict before and after.'),
  before: z.int().nonnegative().describe('Right answers before the repair.'),
  after: z.int().nonnegative(),
  change: z
    .enum(['up', 'down', 'unclear'])
    .describe('By the 95% interval of the ratio, which all clusters share; `unclear`: the sample cannot tell.'),
  examples: z
    .array(
      z.strictObject({ question_id: z.string(), question: z.string(), before: RetestedAnswer, after: RetestedAnswer }),
    )
    .describe('Of its new questions the first by the hash of their ids.'),
});
export type RetestedCluster = z.infer<typeof RetestedCluster>;

/** `clusters.json` of an artifact of kind `retest`. */
export const Retest = z.strictObject({ schema: z.literal(1), clusters: z.array(RetestedCluster) });
export type Retest = z.infer<typeof Retest>;
