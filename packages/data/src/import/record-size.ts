import type { Fields } from './shapes/shape.ts';

/**
 * Estimates the size of a value as JSON: the characters of its texts and field names, plus one a value. Linear time; call it
 * only for values that `isTooDeep` accepts.
 */
export function recordSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 1;
  if (value === null || typeof value !== 'object') return 1;
  let size = 1;
  if (Array.isArray(value)) for (const inner of value) size += recordSize(inner);
  else for (const name of Object.keys(value)) size += name.length + recordSize((value as Fields)[name]);
  return size;
}
