import { availableParallelism } from 'node:os';
import type { Recipe } from '../../recipe/recipe.ts';

/** More threads than this do not help the small models of a CPU build (chosen). */
const MOST_THREADS = 8;

export function threadsOf({ threads }: Pick<Recipe, 'threads'>): number {
  return threads ?? Math.min(MOST_THREADS, availableParallelism());
}
