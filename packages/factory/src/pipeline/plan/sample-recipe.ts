import type { Recipe } from '../../recipe/recipe.ts';

const SAMPLE = '-sample';

/** Whose budget a recipe spends: a sample of it spends from the same one. */
export function accountOf({ name }: Pick<Recipe, 'name'>): string {
  return name.endsWith(SAMPLE) ? name.slice(0, -SAMPLE.length) : name;
}

/**
 * The same recipe on at most `items` questions a domain and stage: everything runs, on little. Gates are measured on so
 * few questions that they seldom tell, so all of them are allowed to fail.
 */
export function sampleRecipe(recipe: Recipe, items: number): Recipe {
  const half = Math.max(1, Math.ceil(items / 2));
  const fewer = <Counts extends { easy: number; hard: number }>(counts: Counts): Counts => ({
    ...counts,
    easy: Math.min(counts.easy, half),
    hard: Math.min(counts.hard, half),
  });
  const fewerOf = <Domains extends object>(domains: Domains): Domains =>
    Object.fromEntries(Object.entries(domains).map(([domain, counts]) => [domain, fewer(counts)])) as Domains;
  return {
    ...recipe,
    name: `${recipe.name}${SAMPLE}`,
    questions: { ...recipe.questions, domains: fewerOf(recipe.questions.domains) },
    synthesize: { ...recipe.synthesize, domains: fewerOf(recipe.synthesize.domains) },
    import: {
      sources: recipe.import.sources.map((source) => ({ ...source, take: Math.min(source.take ?? items, items) })),
    },
    ...(recipe.pretrain ? { pretrain: { ...recipe.pretrain, steps: Math.min(recipe.pretrain.steps, items) } } : {}),
    train: { ...recipe.train, maxSteps: Math.min(recipe.train.maxSteps ?? items, items) },
    modifiers: Object.fromEntries(
      Object.entries(recipe.modifiers).map(([name, modifier]) => [
        name,
        {
          ...modifier,
          seedPrompts: fewer(modifier.seedPrompts),
          train: { ...modifier.train, maxSteps: Math.min(modifier.train.maxSteps ?? items, items) },
        },
      ]),
    ),
    route: {
      ...recipe.route,
      promptsPerRoute: Math.min(recipe.route.promptsPerRoute, items),
      heldOutPerDomain: Math.min(recipe.route.heldOutPerDomain, items),
    },
    override: ['*'],
  };
}
