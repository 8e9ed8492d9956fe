export { openStore } from './artifacts/store.ts';
export { createEngine } from './engine/index.ts';
export { type BuildOptions, type BuildResult, build } from './pipeline/build.ts';
export { planBuild } from './pipeline/plan.ts';
export { listRuns, readRunEvents } from './pipeline/run-log.ts';
export { stagesOf } from './pipeline/stages.ts';
export { loadRecipe } from './recipe/load-recipe.ts';
export { type BundleParts, writeBundle } from './stages/bundle/write-bundle.ts';
