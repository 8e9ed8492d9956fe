import type { Fields } from './shapes/shape.ts';

/**
 * Characters of all texts and field names of a value, and one more for each of its values: about what it takes as JSON.
 * Linear time; no deeper than what `isTooDeep` lets through.
 */
export function recordSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 1;
  if (value === null || typeof value !== 'object') return 1;
  let size = 1;
  if (Array.isArray(value)) for (const inner of value) size += recordSize(inner);
  else for (const name of Object.keys(value)) size += name.length + recordSize((value as Fields)[name]);
  return size;
}
