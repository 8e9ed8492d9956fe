import { CogumiError, EXIT } from '@cogumi/contracts';
import { parseDocument } from 'yaml';
import { isTree, resolvePaths, type Tree, toPlain } from './tree.ts';

type Key = string | number;

/**
 * Sets one value of a recipe.
 *
 * @param override - `a.b=value` as for `--set`; `a.b[0].c` is in a list, whose next free place adds an entry. The value is YAML;
 * a mapping is merged into the one that is there, and paths in it are relative to the working folder.
 * @throws CogumiError OVERRIDE_INVALID.
 */
export function applyOverride(tree: Tree, override: string): void {
  const cut = override.indexOf('=');
  const keys = cut < 1 ? null : readKeys(override.slice(0, cut));
  if (keys === null) {
    throw invalid(
      `--set ${override} is not of the form path=value.`,
      'For example `--set train.rank=32`, or `--set import.sources[0].take=500` in a list.',
    );
  }
  const path = override.slice(0, cut);
  const refuse = ([problem]: readonly string[]) =>
    invalid(`The value of --set ${path} is not YAML: ${problem}`, 'Quote it for the shell.');
  const value = toPlain(parseDocument(override.slice(cut + 1)), refuse);
  const last = keys.at(-1) as Key;
  // Paths are values of keys named `path`, at any depth.
  const resolved = resolvePaths({ [last]: value }, process.cwd())[last];
  setAt(tree, keys, resolved, (at, problem) =>
    invalid(`--set ${path}: ${showPath(keys.slice(0, at))} ${problem}.`, HINT),
  );
}

const HINT = '`cogumi plan FILE` shows what a recipe builds; docs/recipe.md lists every key.';

/** `a.b[0].c` as `a`, `b`, 0, `c`; null where it is no path. */
function readKeys(path: string): Key[] | null {
  const keys: Key[] = [];
  for (const part of path.split('.')) {
    const [, name = '', places = ''] = /^([^[\]]*)((?:\[\d{1,6}\])*)$/.exec(part) ?? [];
    // A key of this name would change every object of the process.
    if (name === '' || name === '__proto__') return null;
    keys.push(name, ...[...places.matchAll(/\d+/g)].map(([place]) => Number(place)));
  }
  return keys;
}

function showPath(keys: readonly Key[]): string {
  return keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');
}

function setAt(tree: Tree, keys: readonly Key[], value: unknown, refuse: (at: number, problem: string) => Error): void {
  let into: Tree | unknown[] = tree;
  for (const [at, key] of keys.entries()) {
    const place: Key = Array.isArray(into) ? placeIn(into, key, (problem) => refuse(at, problem)) : key;
    if (!Array.isArray(into) && typeof place === 'number') throw refuse(at, 'is no list');
    const old: unknown = Reflect.get(into, place);
    if (at === keys.length - 1) {
      if (isTree(old) && isTree(value)) merge(old, value);
      else Reflect.set(into, place, value);
      return;
    }
    if (typeof keys[at + 1] === 'number' && !Array.isArray(old) && old !== undefined)
      throw refuse(at + 1, 'is no list');
    const next = isTree(old) || Array.isArray(old) ? old : typeof keys[at + 1] === 'number' ? [] : {};
    Reflect.set(into, place, next);
    into = next;
  }
}

/** A place of a list, also where it is written as a key, as problems show it (`import.sources.0`). */
function placeIn(list: readonly unknown[], key: Key, refuse: (problem: string) => Error): number {
  const place = typeof key === 'number' ? key : /^\d{1,6}$/.test(key) ? Number(key) : null;
  if (place === null) throw refuse(`is a list of ${list.length}: name a place, as [0], before "${key}"`);
  if (place > list.length)
    throw refuse(`has ${list.length} entries; [${place}] is none of them, and [${list.length}] adds one`);
  return place;
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    if (key === '__proto__') continue;
    const old = into[key];
    if (isTree(old) && isTree(value)) merge(old, value);
    else into[key] = value;
  }
}

function invalid(message: string, hint: string): CogumiError {
  return new CogumiError('OVERRIDE_INVALID', message, hint, { exitCode: EXIT.usage });
}
