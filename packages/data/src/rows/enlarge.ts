/** `wider`, beginning with what is in `array`: how a column of numbers grows. */
export function enlarge<Column extends { set(from: Column): void }>(array: Column, wider: Column): Column {
  wider.set(array);
  return wider;
}
