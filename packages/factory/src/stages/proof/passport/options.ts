import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';

/** What the stage takes: the checker of a domain names the judge and its labels. */
export const PassportOptions = z.strictObject({
  teacher: Teacher,
  minScore: z.int().min(1).max(10),
  limit: z.int().positive(),
  samples: z.int().nonnegative(),
  prompts: z.record(z.string(), z.string()).describe('SHA-256 of the prompts: another prompt is another judge.'),
});
export type PassportOptions = z.infer<typeof PassportOptions>;
