import { Domain } from '@cogumi/contracts';
import { ImportSource } from '@cogumi/data/import';
import { CheckerOptions } from '@cogumi/teachers/checkers';
import { z } from 'zod';
import { DocumentsOptions } from '../../documents-options.ts';

/** A domain of one's own: examples, the share of them that proves what was learned, and a checker of replies. */
export const DomainOptions = z.strictObject({
  examples: z
    .array(ImportSource)
    .default([])
    .describe('Questions with their answers: sources as those of `import`. A domain has these, `documents`, or both.'),
  documents: DocumentsOptions.optional().describe('Documents that a teacher writes such examples from.'),
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
export const ExamplesOptions = DomainOptions.omit({ documents: true }).extend({ domain: Domain });
export type ExamplesOptions = z.infer<typeof ExamplesOptions>;
