import { z } from 'zod';

/** The graph fills these in: recipes have no key for them. */
export const ChooseOptions = z.strictObject({
  evidence: z.array(z.string()).min(1).describe('Ids of the nodes whose gates prove the candidate.'),
  accepted: z
    .array(z.string())
    .describe('Overrides that count a gate of the evidence as passed: `<node>/<gate>` or `*`.'),
});
export type ChooseOptions = z.infer<typeof ChooseOptions>;
