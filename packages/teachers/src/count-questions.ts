import type { Domain } from '@cogumi/contracts';

type Domains = Readonly<Record<Domain, { readonly easy: number; readonly hard: number }>>;

/** Sum of a table of counts by domain and difficulty. */
export function countQuestions(domains: Domains): number {
  const { easy, hard } = countByDifficulty(domains);
  return easy + hard;
}

/** Sums of a table of counts over its domains. */
export function countByDifficulty(domains: Domains): { easy: number; hard: number } {
  return Object.values(domains).reduce((sum, { easy, hard }) => ({ easy: sum.easy + easy, hard: sum.hard + hard }), {
    easy: 0,
    hard: 0,
  });
}
