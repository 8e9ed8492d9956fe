/**
 * Deals items out to workers in turn, has each do its part side by side, and puts the results back.
 *
 * @param work - Gives a result for each item of a worker's part, in their order.
 * @returns Results in the order of the items.
 */
export async function inTurn<Worker, Item, Result>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, part: Item[], at: number) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const count = workers.length;
  const parts = await Promise.all(
    workers.map((worker, at) =>
      work(
        worker,
        items.filter((_, index) => index % count === at),
        at,
      ),
    ),
  );
  return items.map((_, index) => parts[index % count]?.[Math.floor(index / count)] as Result);
}
