/**
 * Rows in an order of which every beginning has each kind in its share of the whole, to within one row: what a validation set takes
 * from the front is a stratified sample. Row i of the m rows of a kind comes at (i + 1/2) / m.
 *
 * @param rows - In random order.
 * @param kindsOf - The coarsest first. The rows of a kind are in the order of the next finer one, so that many kinds of a row or two
 *   are in a beginning in the share that they have together.
 */
export function interleaveKinds<Row>(rows: readonly Row[], kindsOf: readonly ((row: Row) => string)[]): readonly Row[] {
  const [kindOf, ...finer] = kindsOf;
  if (kindOf === undefined) return rows;
  const placed = [...Map.groupBy(rows, kindOf).values()].flatMap((own) =>
    interleaveKinds(own, finer).map((row, at) => ({ row, place: (at + 0.5) / own.length })),
  );
  return placed.sort((one, other) => one.place - other.place).map(({ row }) => row);
}
