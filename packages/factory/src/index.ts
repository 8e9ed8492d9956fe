export { openStore } from './artifacts/store.ts';
export { createEngine } from './engine/index.ts';
export { build, type BuildOptions, type BuildResult } from './pipeline/build.ts';
export { planBuild } from './pipeline/plan.ts';
export { stagesOf } from './pipeline/stages.ts';
export { listRuns, readRunEvents } from './pipeline/run-log.ts';
export { loadRecipe } from './recipe/load-recipe.ts';
