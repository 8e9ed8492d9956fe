import { isAbsolute, resolve } from 'node:path';
import type { Document } from 'yaml';

/** A mapping of a recipe before it is checked. */
export type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The values of a YAML document as plain data. Limits aliases to 100 uses against exponential growth ("billion laughs"). */
export function toPlain(document: Document, refuse: (problems: readonly string[]) => Error): unknown {
  const found = [...document.errors, ...document.warnings].map(({ message }) => message.split('\n')[0] as string);
  if (found.length > 0) throw refuse(found);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Throws for an anchor that contains itself.
    JSON.stringify(value);
    return value;
  } catch (cause) {
    throw refuse([`its anchors and aliases never end: ${(cause as Error).message.split('\n')[0]}`]);
  }
}

/** Makes the value of every key named `path` absolute, at any depth. */
export function resolvePaths(tree: Tree, folder: string): Tree {
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'path' && typeof value === 'string' && !isAbsolute(value)) tree[key] = resolve(folder, value);
    else if (Array.isArray(value)) value.filter(isTree).forEach((item) => resolvePaths(item, folder));
    else if (isTree(value)) resolvePaths(value, folder);
  }
  return tree;
}
