import type { Fields } from './parse-row.ts';

/** What rows are filtered and counted by, where they have it. */
export const FACETS = ['source', 'domain', 'difficulty', 'language', 'reason', 'benchmark'] as const;
export type Facet = (typeof FACETS)[number];

/** Values of a facet; a row may go for several reasons, and has none where a field is absent or null. */
export function facetValues(fields: Fields, facet: Facet): string[] {
  if (facet !== 'reason') return typeof fields[facet] === 'string' ? [fields[facet]] : [];
  const given = [fields.reason, fields.reasons].flat();
  return given.flatMap((reason) => reasonName(reason) ?? []);
}

/** Stages write a reason as words or as an object that has a name for it. */
function reasonName(reason: unknown): string | null {
  if (typeof reason === 'string' && reason !== '') return reason;
  if (typeof reason !== 'object' || reason === null) return null;
  const { reason: words, name, kind } = reason as Fields;
  return [words, name, kind].find((one) => typeof one === 'string') ?? null;
}

/** 0..1, or null. */
export function scoreOf({ score }: Fields): number | null {
  return typeof score === 'number' && score >= 0 && score <= 1 ? score : null;
}

/** The row for whose sake this one went; null where it did not go as a duplicate. */
export function canonicalOf({ canonical }: Fields): string | null {
  return typeof canonical === 'string' ? canonical : null;
}
