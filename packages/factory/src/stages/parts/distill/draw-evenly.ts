import type { Random } from '@cogumi/pure';

/**
 * Draws rows so that each kind has the same number of them, as far as it has so many; what a small kind leaves goes to the others.
 *
 * @param isBetter - Those are drawn first, of each kind.
 * @param count - Rows in all; fewer where there are no more.
 */
export function drawEvenly<Row>(
  rows: readonly Row[],
  kindOf: (row: Row) => string,
  count: number,
  random: Pick<Random, 'shuffle'>,
  isBetter: (row: Row) => boolean = () => false,
): Row[] {
  const shuffled = random.shuffle(rows);
  const ordered = [...shuffled.filter(isBetter), ...shuffled.filter((row) => !isBetter(row))];
  const kinds = [...Map.groupBy(ordered, kindOf).values()].sort((one, other) => one.length - other.length);
  let left = Math.min(count, rows.length);
  return kinds.flatMap((own, at) => {
    const drawn = own.slice(0, Math.ceil(left / (kinds.length - at)));
    left -= drawn.length;
    return drawn;
  });
}
