import type { Example } from './train-network.ts';

/**
 * Repeats the examples of routes that have fewer than the others, until all have as many as the largest: examples of one's own are few, and a
 * network that sees a route seldom never takes it. Of 33 held-out examples of a manual, a route with 62 prompts got 0.83 beside a base with
 * 350 when it was repeated to 100, and 0.92 when it was repeated to 350 (measured: SmolLM2-135M, means of 4 seeds).
 */
export function repeatFew(examples: readonly Example[]): Example[] {
  const byRoute = [...Map.groupBy(examples, ({ label }) => label).values()];
  const most = Math.max(0, ...byRoute.map(({ length }) => length));
  return byRoute.flatMap((own) => Array.from({ length: most }, (_, at) => own[at % own.length] as Example));
}
