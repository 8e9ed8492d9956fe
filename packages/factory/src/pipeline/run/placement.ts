import type { Recipe } from '../../recipe/recipe.ts';
import { threadsOf } from './threads.ts';

/** Where the jobs of the engine run. */
export interface Placement {
  readonly threads: number;
  readonly executor: string;
  readonly devices: number;
  readonly shard: boolean;
}

export function placementOf(recipe: Pick<Recipe, 'threads' | 'executor' | 'devices' | 'shard'>): Placement {
  const { executor, devices, shard } = recipe;
  return { threads: threadsOf(recipe), executor, devices, shard };
}
