import { basename } from 'node:path';
import type { ImportOptions } from './options.ts';

/** Where local sources lie, by their place in the list: their content goes into the key. */
export function localPaths({ sources }: ImportOptions): Record<string, string> {
  const paths = sources.flatMap(({ path }, index) => (path === undefined ? [] : [[String(index), path] as const]));
  return Object.fromEntries(paths);
}

/** The options as they go into the key: of a path only its last part, which rows give as their source. */
export function withoutFolders(options: ImportOptions): ImportOptions {
  return {
    ...options,
    sources: options.sources.map((source) =>
      source.path === undefined ? source : { ...source, path: basename(source.path) },
    ),
  };
}
