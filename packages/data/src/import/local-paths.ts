import { basename, resolve, sep } from 'node:path';
import type { ImportOptions } from './options.ts';

/** Where local sources lie, by their place in the list: their content goes into the key. */
export function localPaths({ sources }: ImportOptions): Record<string, string> {
  const paths = sources.flatMap(({ path }, index) => (path === undefined ? [] : [[String(index), path] as const]));
  return Object.fromEntries(paths);
}

/**
 * The options as they go into the key: of a path only its last part, which rows give as their source. Where another file
 * before it is called the same and the recipe gives no `name`, with as many folders as tell them apart (`b/good.jsonl`).
 */
export function withoutFolders(options: ImportOptions): ImportOptions {
  const takenBy = new Map<string, string>();
  return {
    ...options,
    sources: options.sources.map((source) => {
      if (source.path === undefined) return source;
      return { ...source, path: source.name === null ? shortName(source.path, takenBy) : basename(source.path) };
    }),
  };
}

/** @param takenBy - The file that each name stands for; this one is added. */
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
