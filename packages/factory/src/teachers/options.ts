import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';
import { ModelPrice } from './providers/prices.ts';

/** A provider that the recipe adds, or settings that differ from the known ones. */
export const ProviderOptions = z.strictObject({
  kind: z
    .enum(['openai', 'anthropic'])
    .optional()
    .describe('Which API it speaks; needed for a name that is not known.'),
  baseUrl: z.url().optional().describe('Where its API begins, as `http://localhost:8000/v1`.'),
  keyVariable: z.string().nullable().optional().describe('Environment variable with the key; null: it wants none.'),
  concurrency: z.int().min(1).max(1024).optional().describe('Most requests under way.'),
});
export type ProviderOptions = z.infer<typeof ProviderOptions>;

export const TeachersOptions = z.strictObject({
  providers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), ProviderOptions)
    .default({})
    .describe('Providers beside the known ones, or other settings for those.'),
  prices: z
    .record(Teacher, ModelPrice)
    .default({})
    .describe(
      'Prices by `provider:model` (USD a million tokens), over those that are known; a teacher without is refused.',
    ),
  batch: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      '`auto`: batch APIs where there are any (half the price, answers within a day), but for what is small or waited for; `always`: for that as well, so that no kill can lose a reply.',
    ),
});
export type TeachersOptions = z.infer<typeof TeachersOptions>;
