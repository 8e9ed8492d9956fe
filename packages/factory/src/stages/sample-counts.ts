/** Counts by difficulty, cut to at most `items` together, as evenly as the counts allow. */
export function sampleCounts<Counts extends { readonly easy: number; readonly hard: number }>(
  counts: Counts,
  items: number,
): Counts {
  const half = Math.max(1, Math.ceil(items / 2));
  return { ...counts, easy: Math.min(counts.easy, half), hard: Math.min(counts.hard, half) };
}

/** The same for each domain of a table. */
export function sampleDomains<Domains extends object>(domains: Domains, items: number): Domains {
  return Object.fromEntries(
    Object.entries(domains).map(([domain, counts]) => [domain, sampleCounts(counts, items)]),
  ) as Domains;
}
