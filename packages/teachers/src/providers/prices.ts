import { z } from 'zod';
import shipped from './prices.json' with { type: 'json' };

/** USD per million tokens. The most expensive known model costs 600; the limit is chosen far above it. */
const Usd = z.number().min(0).max(1e6);

export const ModelPrice = z.strictObject({
  input: Usd.describe('USD per million tokens of the prompt.'),
  output: Usd.describe('USD per million tokens of the reply, reasoning tokens included.'),
  cachedInput: Usd.optional().describe(
    'USD per million prompt tokens read from the cache. Default: `input`, which is never less.',
  ),
  cacheWrite: Usd.optional().describe(
    'USD per million prompt tokens written to the cache. Default: `input` times `cacheWriteFactor`.',
  ),
  batch: z.number().gt(0).lte(1).default(1).describe('Share of the price that a request in a batch costs.'),
  source: z.string().optional().describe('Source of the price, with its date if that differs from the table’s.'),
});

/** Prices of models, with their date: prices change without notice. */
export const PriceTable = z.strictObject({
  date: z.iso.date().describe('Date of the prices.'),
  source: z.string(),
  free: z.array(z.string()).default([]).describe('Providers that charge nothing for any model.'),
  cacheWriteFactor: z
    .record(z.string(), z.number().min(1))
    .default({})
    .describe('Price of writing to the cache as a multiple of `input`, by provider. Default: 1.'),
  models: z
    .record(z.string().regex(/^[^:]+:.+$/), ModelPrice)
    .describe('Prices by `provider:model`, with the provider’s name of the model.'),
});
export type PriceTable = z.infer<typeof PriceTable>;

/** USD per million tokens; tokens read from or written to the cache cost `cachedInput` or `cacheWrite` instead of `input`. */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  /** Share of these prices that a batch costs. */
  readonly batch: number;
}

type ModelPrice = z.input<typeof ModelPrice>;
type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/**
 * The prices that come with Cogumi, overridden by the user's. An override replaces all prices of a model.
 *
 * @param own - Prices by `provider:model`.
 * @throws ZodError for an invalid price.
 */
export function knownPrices(own: Readonly<Record<string, Loose<ModelPrice>>> = {}): PriceTable {
  return PriceTable.parse({ ...shipped, models: { ...shipped.models, ...own } });
}

/**
 * The price of a teacher.
 *
 * @param teacher - `provider:model`. A dated snapshot is a separate model: some cost more than the name without a date.
 * @returns null when the price is unknown; the teacher must then not be used.
 */
export function priceOf(table: PriceTable, teacher: string): Price | null {
  const provider = teacher.split(':', 1)[0] as string;
  // An explicit price also applies to a free provider (electricity, a rented machine).
  const model = Object.hasOwn(table.models, teacher) ? table.models[teacher] : undefined;
  if (!model) return table.free.includes(provider) ? FREE : null;
  const { input, output, batch, cachedInput = input } = model;
  const factor = Object.hasOwn(table.cacheWriteFactor, provider) ? table.cacheWriteFactor[provider] : undefined;
  const { cacheWrite = input * (factor ?? 1) } = model;
  return { input, cachedInput, cacheWrite, output, batch };
}

const FREE: Price = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, batch: 1 };
