import { basename, resolve, sep } from 'node:path';
import type { ImportOptions } from './options.ts';

/** Paths of local sources by their place in the list: their content is part of the cache key. */
export function localPaths({ sources }: Pick<ImportOptions, 'sources'>): Record<string, string> {
  const paths = sources.flatMap(({ path }, index) => (path === undefined ? [] : [[String(index), path] as const]));
  return Object.fromEntries(paths);
}

/**
 * The options as they enter the cache key: a path is reduced to its file name, which rows have as their source. If an earlier
 * file has the same name and the recipe sets no `name`, as many folders are kept as distinguish the two (`b/good.jsonl`).
 */
export function withoutFolders<Options extends Pick<ImportOptions, 'sources'>>(options: Options): Options {
  const takenBy = new Map<string, string>();
  return {
    ...options,
    sources: options.sources.map((source) => {
      if (source.path === undefined) return source;
      return { ...source, path: source.name === null ? shortName(source.path, takenBy) : basename(source.path) };
    }),
  };
}

/** @param takenBy - Full path by short name; this path is added. */
function shortName(path: string, takenBy: Map<string, string>): string {
  const whole = resolve(path);
  const parts = whole.split(sep).filter((part) => part !== '');
  for (let length = 1; ; length++) {
    const name = parts.slice(-length).join('/');
    const other = takenBy.get(name) ?? whole;
    if (other !== whole && length < parts.length) continue;
    takenBy.set(name, whole);
    return name;
  }
}
