import { existsSync } from 'node:fs';
import { UsageError } from './parse-call.ts';
import type { Options } from './verb.ts';

/** Where builds keep everything, unless told otherwise. */
const STORE = '.cogumi';

export const STORE_OPTION = {
  store: {
    type: 'string',
    value: '<folder>',
    describe: `where artifacts, runs and bundles are kept; default ${STORE}`,
  },
} as const satisfies Options;

/** What every verb that reads a recipe takes. */
export const RECIPE_OPTIONS = {
  set: { type: 'string', multiple: true, value: '<path=value>', describe: 'change one setting, e.g. train.rank=32' },
  until: { type: 'string', value: '<stage>', describe: 'only this stage and what it stands on' },
  ...STORE_OPTION,
} as const satisfies Options;

/** A store that must be there already. @throws UsageError */
export function existingStore(options: { readonly store?: string }): string {
  const store = storeOf(options);
  if (existsSync(store)) return store;
  throw new UsageError(
    `There is no store at ${store}.`,
    'Give its folder with `--store`; `cogumi build RECIPE` makes one.',
  );
}

export function storeOf({ store = STORE }: { readonly store?: string }): string {
  return store;
}
