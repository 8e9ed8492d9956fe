import type { Example } from './train-network.ts';

/**
 * Repeats the examples of modifiers that have fewer than the others, until there are as many as a route has at most: examples of one's own
 * are few, and a network that sees a route seldom never takes it (measured: of 9 held-out examples none reached a modifier with
 * 21 prompts beside routes of 60).
 */
export function repeatFew(examples: readonly Example[], perRoute: number): Example[] {
  const byRoute = Map.groupBy(examples, ({ label }) => label);
  return [...byRoute].flatMap(([route, own]) => {
    if (route === 0 || own.length >= perRoute) return own;
    return Array.from({ length: perRoute }, (_, at) => own[at % own.length] as Example);
  });
}
