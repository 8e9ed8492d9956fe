import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';
import { KNOWN_PROVIDERS } from './providers/known-providers.ts';
import { ModelPrice } from './providers/prices.ts';

/** Variables that the keys of known providers are read from. */
const KEYS_OF_KNOWN = [...KNOWN_PROVIDERS.values()].flatMap(({ keyVariable }) => keyVariable ?? []);

/** A provider that the recipe adds, or settings that differ from the known ones. */
export const ProviderOptions = z.strictObject({
  kind: z
    .enum(['openai', 'anthropic'])
    .optional()
    .describe('Which API it speaks; needed for a name that is not known.'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => /^[^?#@]+$/.test(url), 'has a query, a fragment or a user name, where keys do not belong')
    .optional()
    .describe('Where its API begins, as `http://localhost:8000/v1`.'),
  keyVariable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*_API_KEY$/, 'the name of a variable that ends in _API_KEY: a recipe may not ask for others')
    .refine((name) => !KEYS_OF_KNOWN.includes(name), 'is the key of a known provider, which goes nowhere else')
    .nullable()
    .optional()
    .describe('Environment variable with the key; null: it wants none.'),
  concurrency: z.int().min(1).max(1024).optional().describe('Most requests under way.'),
});
export type ProviderOptions = z.infer<typeof ProviderOptions>;

/** A recipe of somebody else must not send keys of yours to a server of theirs. */
function findKeyLeaks(providers: Readonly<Record<string, ProviderOptions>>): string[] {
  return Object.entries(providers).flatMap(([name, { kind, baseUrl, keyVariable }]) => {
    if (name === 'procedural') return ['"procedural" are the built-in teachers; give yours another name'];
    const known = KNOWN_PROVIDERS.get(name);
    const changed = kind !== undefined || baseUrl !== undefined || keyVariable !== undefined;
    if (!known?.keyVariable || !changed) return [];
    return [
      `the address and key of ${name} come from ${known.urlVariable} and ${known.keyVariable}; give a server of yours a name of its own`,
    ];
  });
}

export const TeachersOptions = z.strictObject({
  providers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), ProviderOptions)
    .superRefine((providers, context) => {
      for (const message of findKeyLeaks(providers)) context.addIssue({ code: 'custom', message });
    })
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
