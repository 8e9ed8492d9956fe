import type { Recipe } from '../../recipe/recipe.ts';

const SAMPLE = '-sample';

/** The ledger account of a recipe: samples spend from the budget of the full recipe. */
export function accountOf({ name }: Pick<Recipe, 'name'>): string {
  return name.endsWith(SAMPLE) ? name.slice(0, -SAMPLE.length) : name;
}

/**
 * The same recipe on at most `items` items a domain and stage: everything runs, on little. Gates seldom tell on so few
 * questions, so all of them are overridden.
 */
export function sampleRecipe(recipe: Recipe, items: number): Recipe {
  return { ...recipe, name: `${recipe.name}${SAMPLE}`, sample: items, override: ['*'] };
}
