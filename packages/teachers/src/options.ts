import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';
import { KNOWN_PROVIDERS } from './providers/known-providers.ts';
import { ModelPrice } from './providers/prices.ts';

/** Environment variables with the keys of known providers. */
const KEYS_OF_KNOWN = [...KNOWN_PROVIDERS.values()].flatMap(({ keyVariable }) => keyVariable ?? []);

/** A provider that the recipe adds, or other settings of a known one. */
export const ProviderOptions = z.strictObject({
  kind: z
    .enum(['openai', 'anthropic'])
    .optional()
    .describe('The API that it speaks; required for a provider that Cogumi does not know.'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => /^[^?#@]+$/.test(url),
      'must not have a query, a fragment or a user name, since keys do not belong there',
    )
    .optional()
    .describe('Base URL of its API, as `http://localhost:8000/v1`.'),
  keyVariable: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]*_API_KEY$/,
      'must be the name of a variable that ends in _API_KEY: a recipe may not read others',
    )
    .refine(
      (name) => !KEYS_OF_KNOWN.includes(name),
      'is the key of a known provider, which is sent to that provider only',
    )
    .nullable()
    .optional()
    .describe('Environment variable with the key; null: the provider needs none.'),
  concurrency: z.int().min(1).max(1024).optional().describe('Most requests in flight.'),
});
export type ProviderOptions = z.infer<typeof ProviderOptions>;

/** A recipe from someone else must not send your keys to its author's server. */
function findKeyLeaks(providers: Readonly<Record<string, ProviderOptions>>): string[] {
  return Object.entries(providers).flatMap(([name, { kind, baseUrl, keyVariable }]) => {
    if (name === 'procedural') return ['"procedural" is the name of the built-in teachers; choose another name'];
    const known = KNOWN_PROVIDERS.get(name);
    const changed = kind !== undefined || baseUrl !== undefined || keyVariable !== undefined;
    if (!known?.keyVariable || !changed) return [];
    return [
      `the address and key of ${name} are read from ${known.urlVariable} and ${known.keyVariable}; choose another name for your own server`,
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
    .describe('Additional providers, or other settings of known ones.'),
  prices: z
    .record(Teacher, ModelPrice)
    .default({})
    .describe(
      'Prices by `provider:model`, in USD per million tokens; they replace known prices. A teacher without a price is refused.',
    ),
  batch: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      '`auto`: use batch APIs where the provider has one (half the price, answers within a day), except for small or urgent requests; `always`: for those too, so that a crash cannot lose a reply; `never`: send single requests.',
    ),
});
export type TeachersOptions = z.infer<typeof TeachersOptions>;
