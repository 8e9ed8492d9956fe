import { readdirSync, statSync } from 'node:fs';
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
    describe: 'set a value of the recipe, e.g. train.rank=32, or import.sources[0].take=500 in a list',
  },
  until: { type: 'string', value: '<stage>', describe: 'stop after this stage; runs only what it needs' },
  ...STORE_OPTION,
} as const satisfies Options;

/** Options of every verb that builds. */
export const BUILD_OPTIONS = {
  override: {
    type: 'string',
    multiple: true,
    value: '<stage/gate>',
    describe: 'continue if this gate does not pass',
  },
  yes: { type: 'boolean', describe: 'accept the cost of teachers without a question' },
} as const satisfies Options;

/** Path of a store that has to exist. @throws UsageError */
export function existingStore(options: { readonly store?: string }): string {
  const store = storeOf(options);
  const why = whyNoStore(store);
  if (why === null) return store;
  throw new UsageError(why, 'Set its folder with `--store`, or create a store with `cogumi build RECIPE`.');
}

/** null for a store. A folder is one when it has a `store.json`; whether this version can read it is decided where it is read. */
function whyNoStore(store: string): string | null {
  try {
    if (!statSync(store).isDirectory()) return `${store} is a file, and a store is a folder.`;
    return readdirSync(store).includes('store.json') ? null : `${store} is no store: it has no store.json.`;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no store at ${store}.`;
    return `The store ${store} cannot be read: you have no permission (${code}).`;
  }
}

export function storeOf({ store = STORE }: { readonly store?: string }): string {
  return store;
}
