import type { Fields } from './parse-row.ts';

/** Fields by which rows are filtered and counted. */
export const FACETS = ['source', 'domain', 'difficulty', 'language', 'reason', 'benchmark'] as const;
export type Facet = (typeof FACETS)[number];

/** Values of a facet: several if a row has several reasons, none if the field is absent or null. */
export function facetValues(fields: Fields, facet: Facet): string[] {
  if (facet !== 'reason') return typeof fields[facet] === 'string' ? [fields[facet]] : [];
  const given = [fields.reason, fields.reasons].flat();
  return given.flatMap((reason) => reasonName(reason) ?? []);
}

/** Stages write a reason as text, or as an object with a name. */
function reasonName(reason: unknown): string | null {
  if (typeof reason === 'string' && reason !== '') return reason;
  if (typeof reason !== 'object' || reason === null) return null;
  const { reason: words, name, kind } = reason as Fields;
  return [words, name, kind].find((one) => typeof one === 'string') ?? null;
}

/** The score, 0..1; null if there is none. */
export function scoreOf({ score }: Fields): number | null {
  return typeof score === 'number' && score >= 0 && score <= 1 ? score : null;
}

/** Id of the row that this one is a duplicate of; null if it was not rejected as one. */
export function canonicalOf({ canonical }: Fields): string | null {
  return typeof canonical === 'string' ? canonical : null;
}
