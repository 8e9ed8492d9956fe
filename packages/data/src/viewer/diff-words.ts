/** A piece of one of two texts. */
export interface Segment {
  readonly text: string;
  /** True if the other text does not have it at this place. */
  readonly differs: boolean;
}

/** Largest table of the longest common subsequence: 4 MB (chosen). */
const MAX_CELLS = 1_000_000;

/**
 * Splits two texts into pieces that they share, in order, and pieces that differ. Words, numbers, runs of space and single marks
 * are compared as units. If the parts between an equal beginning and end are too long to compare, all of them count as different.
 *
 * @see Wagner & Fischer 1974, the string-to-string correction problem.
 */
export function diffWords(left: string, right: string): { left: Segment[]; right: Segment[] } {
  const [mine, theirs] = [cut(left), cut(right)];
  let head = 0;
  while (head < Math.min(mine.length, theirs.length) && mine[head] === theirs[head]) head++;
  let tail = 0;
  const most = Math.min(mine.length, theirs.length) - head;
  while (tail < most && mine.at(-1 - tail) === theirs.at(-1 - tail)) tail++;
  const [same, other] = commonWords(mine.slice(head, mine.length - tail), theirs.slice(head, theirs.length - tail));
  const flags = (words: readonly string[], middle: readonly boolean[]) =>
    join(
      closeGaps(
        words.map((text, at) => ({ text, differs: at >= head && at < words.length - tail && !middle[at - head] })),
      ),
    );
  return { left: flags(mine, same), right: flags(theirs, other) };
}

function cut(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^\p{L}\p{N}\p{M}_\s]/gu) ?? [];
}

/** For each word of either side: true if it belongs to a longest common subsequence. */
function commonWords(left: readonly string[], right: readonly string[]): [boolean[], boolean[]] {
  const [mine, theirs] = [left.map(() => false), right.map(() => false)];
  const width = right.length + 1;
  if ((left.length + 1) * width > MAX_CELLS) return [mine, theirs];
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] as number;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const longest = Math.max(at(row + 1, column), at(row, column + 1));
      lengths[row * width + column] = left[row] === right[column] ? at(row + 1, column + 1) + 1 : longest;
    }
  }
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    if (left[row] === right[column]) {
      mine[row++] = true;
      theirs[column++] = true;
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return [mine, theirs];
}

/** Marks the space between two differing words too, so that they read as one piece. */
function closeGaps(pieces: Segment[]): Segment[] {
  return pieces.map((piece, at) => {
    const between = pieces[at - 1]?.differs === true && pieces[at + 1]?.differs === true && piece.text.trim() === '';
    return between ? { ...piece, differs: true } : piece;
  });
}

function join(pieces: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.differs === piece.differs) joined[joined.length - 1] = { ...piece, text: last.text + piece.text };
    else joined.push(piece);
  }
  return joined;
}
