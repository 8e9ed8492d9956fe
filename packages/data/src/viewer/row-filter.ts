import type { Fields } from './parse-row.ts';
import { canonicalOf, FACETS, type Facet, facetValues, scoreOf } from './row-facets.ts';

/** Conditions on rows; absent ones accept every row. */
export interface RowFilter {
  /** Some text of the row contains it; case does not matter. */
  readonly text?: string;
  /** Facets that must have exactly these values. */
  readonly facets: Readonly<Partial<Record<Facet, string>>>;
  /** Bounds of the score, 0..1, inclusive; a row without a score matches only without bounds. */
  readonly leastScore?: number;
  readonly mostScore?: number;
  /** Only duplicates of this row. */
  readonly canonical?: string;
}

/** Reads a filter from the query of a URL; empty values and invalid numbers count as absent. */
export function readFilter(query: URLSearchParams): RowFilter {
  const word = (name: string) => query.get(name) || undefined;
  const number = (name: string) => {
    const value = Number.parseFloat(query.get(name) ?? '');
    return Number.isFinite(value) ? value : undefined;
  };
  const given = {
    text: word('text')?.toLowerCase(),
    leastScore: number('leastScore'),
    mostScore: number('mostScore'),
    canonical: word('canonical'),
  };
  const facets = FACETS.flatMap((facet) => {
    const value = word(facet);
    return value === undefined ? [] : [[facet, value]];
  });
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), facets: Object.fromEntries(facets) };
}

export function isEmpty({ facets, ...rest }: RowFilter): boolean {
  return Object.keys(facets).length === 0 && Object.keys(rest).length === 0;
}

export function matches(fields: Fields, filter: RowFilter): boolean {
  if (filter.canonical !== undefined && canonicalOf(fields) !== filter.canonical) return false;
  for (const [facet, wanted] of Object.entries(filter.facets)) {
    if (!facetValues(fields, facet as Facet).includes(wanted)) return false;
  }
  if (filter.leastScore !== undefined || filter.mostScore !== undefined) {
    const score = scoreOf(fields);
    if (score === null || score < (filter.leastScore ?? 0) || score > (filter.mostScore ?? 1)) return false;
  }
  return filter.text === undefined || holdsText(fields, filter.text);
}

/**
 * Bytes that the line of a matching row must contain. A block without them is not parsed, so the rows of a cluster are found at
 * the speed of the disk. Only for texts that JSON can write in one way.
 */
export function rawNeedle({ canonical }: RowFilter): string | null {
  return canonical !== undefined && /^[\w .:-]+$/.test(canonical) ? `"${canonical}"` : null;
}

/** @param text - In lower case. */
function holdsText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(text);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => holdsText(inner, text));
}
