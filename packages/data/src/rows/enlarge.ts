/** Copies `array` into the beginning of a larger one and returns that: how a column of numbers grows. */
export function enlarge<Column extends { set(from: Column): void }>(array: Column, wider: Column): Column {
  wider.set(array);
  return wider;
}
