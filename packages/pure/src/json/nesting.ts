/** Rows are flat or hold conversations of three or four levels; deeper ones would fill the stack (chosen). */
export const MOST_LEVELS = 100;

/** What a value that is nested too deep is refused with, as the end of a sentence. */
export const TOO_DEEP = `is nested deeper than ${MOST_LEVELS} levels`;

/** Whether lists and objects of this value hold each other more than 100 levels deep. Safe at any depth. */
export function isTooDeep(value: unknown, level = 1): boolean {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return false;
  if (level > MOST_LEVELS) return true;
  for (const inner of Object.values(value)) if (isTooDeep(inner, level + 1)) return true;
  return false;
}

/** A copy down to so many levels, with `…` in the place of what lies below: it can be shown whatever its depth. */
export function cutBelow(value: unknown, levels: number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((inner) => cutBelow(inner, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cutBelow(inner, levels - 1)]));
}
