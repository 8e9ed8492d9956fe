import { z } from 'zod';
import { Domain } from './domains.ts';

/** What a bundle answers in one domain, beside the model that the build started from, on the same held-out questions. */
export const DomainResult = z.strictObject({
  domain: Domain,
  route: z.string().describe('The part of the bundle that answers questions of the domain: `base` or a modifier.'),
  questions: z.int().positive(),
  right: z.int().nonnegative(),
  startRight: z.int().nonnegative().describe('Right answers of the model that the build started from.'),
  change: z
    .enum(['up', 'down', 'unclear'])
    .describe('By the 95% interval of the ratio; `unclear`: the sample cannot tell.'),
});
export type DomainResult = z.infer<typeof DomainResult>;

/** Right answers of what ships over all domains, as a multiple of those of another model on the same questions. */
export const Headline = z.object({
  against: z
    .enum(['base', 'reference'])
    .describe('The model that the build started from, or the better of it and the tuned one.'),
  questions: z.int().positive(),
  right: z.int().nonnegative(),
  theirs: z.int().nonnegative(),
  inProse: z.int().nonnegative().describe('Of `right`, those that were found in prose.'),
  theirsInProse: z.int().nonnegative(),
  ratio: z.number(),
  interval: z.tuple([z.number(), z.number()]).describe('95% score interval of paired proportions.'),
});
export type Headline = z.infer<typeof Headline>;

/** Facts of an artifact of kind `comparison`. */
export const ComparisonFacts = z.object({ domains: z.array(DomainResult), headlines: z.array(Headline).default([]) });
