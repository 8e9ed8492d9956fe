import { Domain } from '@cogumi/contracts';
import { ImportSource } from '@cogumi/data/import';
import { CheckerOptions } from '@cogumi/teachers/checkers';
import { z } from 'zod';

/** A domain of one's own: examples, the share of them that proves what was learned, and a checker of replies. */
export const DomainOptions = z.strictObject({
  examples: z
    .array(ImportSource)
    .min(1, 'a domain needs examples: at least one source of questions with answers')
    .describe('Questions with their answers: sources as those of `import`.'),
  heldOut: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.3)
    .describe('Share of the examples kept for evaluation and never trained on, chosen by their content.'),
  checker: CheckerOptions.describe('What makes a reply right: a checker by its name, or by `kind` with its settings.'),
});
export type DomainOptions = z.infer<typeof DomainOptions>;

/** What the stage itself takes: the plan adds the domain's name. */
export const ExamplesOptions = DomainOptions.extend({ domain: Domain });
export type ExamplesOptions = z.infer<typeof ExamplesOptions>;
