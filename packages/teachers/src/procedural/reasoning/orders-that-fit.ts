/**
 * All orders of some people, highest first, that satisfy every pair of `above`: tries all orders, at most 5!.
 */
export function ordersThatFit(
  people: readonly string[],
  above: readonly (readonly [high: string, low: string])[],
): string[][] {
  return permutations(people).filter((order) => above.every(([high, low]) => order.indexOf(high) < order.indexOf(low)));
}

function permutations(items: readonly string[]): string[][] {
  if (items.length > 5) throw new RangeError(`${items.length} people are too many to try all orders`);
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}
