/** Place of the largest value, the first of equal ones, as `numpy.argmax` finds it: NaN counts as the largest. -1 of none. */
export function argmax(values: readonly number[]): number {
  const unknown = values.findIndex(Number.isNaN);
  return unknown >= 0 ? unknown : values.indexOf(Math.max(...values));
}
