/**
 * Rows in an order of which every beginning has each kind in its share of the whole, to within one row: what a validation set takes
 * from the front is a stratified sample. Row i of the m rows of a kind comes at (i + 1/2) / m.
 *
 * @param rows - In random order; rows of a kind keep it.
 */
export function interleaveKinds<Row>(rows: readonly Row[], kindOf: (row: Row) => string): Row[] {
  const placed = [...Map.groupBy(rows, kindOf).values()].flatMap((own) =>
    own.map((row, at) => ({ row, place: (at + 0.5) / own.length })),
  );
  return placed.sort((one, other) => one.place - other.place).map(({ row }) => row);
}
