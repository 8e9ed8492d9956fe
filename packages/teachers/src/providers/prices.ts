import { z } from 'zod';
import shipped from './prices.json' with { type: 'json' };

/** The highestInputPrice known model costs 600 a million. */
const Usd = z.number().min(0).max(1e6);

export const ModelPrice = z.strictObject({
  input: Usd.describe('Prompt. USD per million tokens, as all others.'),
  output: Usd.describe('Reply, thinking included.'),
  cachedInput: Usd.optional().describe(
    'Prompt read from the cache. Not known: counts as any input, which is not less.',
  ),
  cacheWrite: Usd.optional().describe('Prompt written to the cache. Not known: by `cacheWriteFactor`.'),
  batch: z.number().gt(0).lte(1).default(1).describe('Share of the price that a request of a batch costs.'),
  source: z.string().optional().describe('Where the price was read, and its date if it has one of its own.'),
});

/** What models cost, as data with a date. Prices change without notice: a table is never right for long. */
export const PriceTable = z.strictObject({
  date: z.iso.date().describe('When the prices were looked up.'),
  source: z.string(),
  free: z.array(z.string()).default([]).describe('Providers that charge nothing, whatever the model.'),
  cacheWriteFactor: z
    .record(z.string(), z.number().min(1))
    .default({})
    .describe('By provider: what writing to the cache costs, as a multiple of input. Elsewhere 1.'),
  models: z
    .record(z.string().regex(/^[^:]+:.+$/), ModelPrice)
    .describe('By `provider:model`, as the provider names it.'),
});
export type PriceTable = z.infer<typeof PriceTable>;

/** USD per million tokens; `cachedInput` and `cacheWrite` instead of `input` for those tokens. */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  /** What a batch costs, as a share of that. */
  readonly batch: number;
}

type ModelPrice = z.input<typeof ModelPrice>;
type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/**
 * The prices that come with Cogumi, with those of the user laid over them: a model is replaced whole.
 *
 * @param own - By `provider:model`.
 * @throws ZodError when a price is none.
 */
export function knownPrices(own: Readonly<Record<string, Loose<ModelPrice>>> = {}): PriceTable {
  return PriceTable.parse({ ...shipped, models: { ...shipped.models, ...own } });
}

/**
 * What a teacher costs.
 *
 * @param teacher - `provider:model`. A dated snapshot is a model of its own: some cost more than the name without date.
 * @returns null when nobody knows: it may then not be asked.
 */
export function priceOf(table: PriceTable, teacher: string): Price | null {
  const provider = teacher.split(':', 1)[0] as string;
  // A price that somebody wrote down for a model of a free provider counts: electricity, a rented machine.
  const model = Object.hasOwn(table.models, teacher) ? table.models[teacher] : undefined;
  if (!model) return table.free.includes(provider) ? FREE : null;
  const { input, output, batch, cachedInput = input } = model;
  const factor = Object.hasOwn(table.cacheWriteFactor, provider) ? table.cacheWriteFactor[provider] : undefined;
  const { cacheWrite = input * (factor ?? 1) } = model;
  return { input, cachedInput, cacheWrite, output, batch };
}

const FREE: Price = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, batch: 1 };
