import type { Answer, Domain } from '@cogumi/contracts';

/** An answer, and the part of the bundle that gave it: `base` or a modifier. */
export interface RoutedAnswer {
  readonly answer: Answer;
  readonly route: string;
}

/**
 * The answer to each question through the route of its domain: the modifier's where the domain has one, else the base's.
 *
 * @param domains - Modifier to its domain.
 * @throws RangeError when a modifier did not answer a question of its domain.
 */
export function routeAnswers(
  base: readonly Answer[],
  modifiers: ReadonlyMap<string, readonly Answer[]>,
  domains: Readonly<Record<string, Domain>>,
): RoutedAnswer[] {
  const routes = new Map(Object.entries(domains).map(([name, domain]) => [domain, name]));
  const own = new Map(
    [...modifiers].map(([name, answers]) => [name, new Map(answers.map((answer) => [answer.question_id, answer]))]),
  );
  return base.map((answer) => {
    const route = routes.get(answer.domain);
    if (route === undefined) return { answer, route: 'base' };
    const found = own.get(route)?.get(answer.question_id);
    if (!found) throw new RangeError(`modifier ${route} was never asked ${answer.question_id}`);
    return { answer: found, route };
  });
}
