import type { ServedModel } from './runtime.ts';

/** Names that clients can use: the whole, and each of its routes. */
export function servedModels(name: string, modifiers: readonly string[]): ServedModel[] {
  return [
    { id: name, route: null, parent: null },
    ...['base', ...modifiers].map((route) => ({ id: `${name}:${route}`, route, parent: name })),
  ];
}
