import { z } from 'zod';
import { Domain } from './domains.ts';

/** Right answers to new questions of a domain before a change of the model and after it. */
export const DomainChange = z.strictObject({
  domain: Domain,
  questions: z.int().nonnegative().describe('Those that have a verdict before and after.'),
  before: z.int().nonnegative().describe('Right answers before.'),
  lost: z.int().nonnegative().describe('Right before, wrong after.'),
  gained: z.int().nonnegative().describe('Wrong before, right after.'),
  falls: z.boolean().describe('Whether more are lost than gained for certain: McNemar’s exact test, one-sided, at 5%.'),
});
export type DomainChange = z.infer<typeof DomainChange>;

/** `strength.json` of an artifact of kind `strength`: the share of an adapter's change that is merged, and why. */
export const Strength = z.strictObject({
  schema: z.literal(1),
  strength: z
    .number()
    .describe('The strongest of those tried with which no domain falls; the weakest, if one falls with each.'),
  tried: z
    .array(z.strictObject({ strength: z.number(), domains: z.array(DomainChange) }))
    .describe('From the strongest down to the one that was taken. Empty: there was no question to try by.'),
});
export type Strength = z.infer<typeof Strength>;
