import { isLongInteger } from './exact-json.ts';

/** Most levels of nesting (chosen). Rows have at most four; values that are nested much deeper would overflow the stack. */
export const MOST_LEVELS = 100;

/** The reason to refuse such a value, as the end of a sentence. */
export const TOO_DEEP = `is nested deeper than ${MOST_LEVELS} levels`;

/** True if lists and objects in this value are nested more than `MOST_LEVELS` deep. Safe at any depth. */
export function isTooDeep(value: unknown, level = 1): boolean {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return false;
  if (level > MOST_LEVELS) return true;
  for (const inner of Object.values(value)) if (isTooDeep(inner, level + 1)) return true;
  return false;
}

/** A copy down to `levels` levels, with `…` in place of deeper values, so that a value of any depth can be shown. */
export function cutBelow(value: unknown, levels: number): unknown {
  if (value === null || typeof value !== 'object' || isLongInteger(value)) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((inner) => cutBelow(inner, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cutBelow(inner, levels - 1)]));
}
