import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

export const RouteOptions = z.strictObject({
  hidden: z.array(z.int().positive()).default([64, 32]).describe('Widths of the hidden layers.'),
  promptsPerRoute: z
    .int()
    .positive()
    .default(600)
    .describe('Training prompts of each route; the base gets twice as many, since it answers prompts of many kinds.'),
  heldOutPerDomain: z
    .int()
    .positive()
    .default(400)
    .describe('Held-out prompts of each domain, half in unseen wordings.'),
  epochs: z.int().positive().default(30).describe('How often each prompt is seen.'),
  learningRate: z.number().positive().default(2e-3).describe('Peak of AdamW’s cosine schedule.'),
  weightDecay: z.number().nonnegative().default(1e-3).describe('Decoupled decay of the weights.'),
  minAccuracy: z.number().min(0).max(1).default(0.97).describe('On held-out prompts in known wordings.'),
  minUnseenAccuracy: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('On prompts in wordings never trained on, and on prompts of no domain.'),
  minExampleAccuracy: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('On held-out examples of each domain of one’s own.'),
  depths: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .default([0.07, 0.13, 0.25, 0.5, 0.75])
    .describe(
      'Where in the base the router may read a prompt, as shares of its layers. The earliest one is taken that is not proved worse than the best.',
    ),
  noise: z
    .number()
    .nonnegative()
    .default(1)
    .describe(
      'Standard deviation of the noise that training adds to each feature, in standard deviations of that feature.',
    ),
  perplexityQuantile: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.999)
    .describe('Share of known prompts that are not strange to the base. Only where no layer can be read but the last.'),
  perplexityMargin: z
    .number()
    .min(1)
    .default(100)
    .describe(
      'A prompt is strange above so many times that perplexity, and is answered by the base alone. New wordings can be tens of times less likely than known ones (measured; docs/log.md).',
    ),
});
export type RouteOptions = z.infer<typeof RouteOptions>;

/** What the stage itself takes: the plan adds which modifier serves which domain. */
export const RouteStageOptions = RouteOptions.extend({
  domains: z.record(z.string(), Domain).describe('Modifier to its domain; the others belong to the base.'),
});
export type RouteStageOptions = z.infer<typeof RouteStageOptions>;
