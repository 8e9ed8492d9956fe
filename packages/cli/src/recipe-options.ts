import { existsSync } from 'node:fs';
import { UsageError } from './parse-call.ts';
import type { Options } from './verb.ts';

/** The default store. */
const STORE = '.cogumi';

export const STORE_OPTION = {
  store: {
    type: 'string',
    value: '<folder>',
    describe: `folder of artifacts, runs and bundles; default ${STORE}`,
  },
} as const satisfies Options;

/** Options of every verb that reads a recipe. */
export const RECIPE_OPTIONS = {
  set: {
    type: 'string',
    multiple: true,
    value: '<path=value>',
    describe: 'set a value of the recipe, e.g. train.rank=32',
  },
  until: { type: 'string', value: '<stage>', describe: 'stop after this stage; runs only what it needs' },
  ...STORE_OPTION,
} as const satisfies Options;

/** Path of a store that has to exist. @throws UsageError */
export function existingStore(options: { readonly store?: string }): string {
  const store = storeOf(options);
  if (existsSync(store)) return store;
  throw new UsageError(
    `There is no store at ${store}.`,
    'Set its folder with `--store`, or create a store with `cogumi build RECIPE`.',
  );
}

export function storeOf({ store = STORE }: { readonly store?: string }): string {
  return store;
}
