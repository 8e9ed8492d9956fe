import { Domain, FailureKind, Teacher } from '@cogumi/contracts';
import { z } from 'zod';

export const FailuresOptions = z.strictObject({
  clusters: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'Number of clusters of all domains together; there are fewer where fewer prompts are different. null: of each domain from 2 to 12, by silhouette.',
    ),
  kinds: z
    .array(FailureKind)
    .min(1)
    .default(['wrong'])
    .describe(
      'Kinds of failures that are clustered. The others are faults of form (`unreadable`, `cut`, `refused`, `empty`), which say little of what a model does not know; they are counted.',
    ),
  words: z.int().positive().max(50).default(8).describe('Most words that describe a cluster.'),
  examples: z.int().positive().max(100).default(5).describe('Failures of each cluster that are shown.'),
  critic: Teacher.optional().describe(
    'Teacher that says of each clustered failure what the model did wrong, 34 a request, and names each cluster. Left out: no teacher is asked, and a cluster is called by its words.',
  ),
});
export type FailuresOptions = z.infer<typeof FailuresOptions>;

/** What the stage itself takes: the plan adds which modifier serves which domain. */
export const FailuresStageOptions = FailuresOptions.extend({
  domains: z.record(z.string(), Domain).default({}).describe('Modifier to its domain; the others belong to the base.'),
});
export type FailuresStageOptions = z.infer<typeof FailuresStageOptions>;
