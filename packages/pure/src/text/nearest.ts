/** Longer words are not typed by hand, and the table of edits would have a cell for each pair of letters (chosen). */
const LONGEST_WORD = 100;
/** Letters of a word that are enough to know a longer one by its beginning (chosen). */
const LEAST_PREFIX = 3;
/** Most candidates that are compared, so that a long list of names costs no more than some milliseconds (chosen). */
const MOST_CANDIDATES = 1000;

/**
 * Finds the candidate that a mistyped or shortened word most likely means. The work is bounded, whatever the word: it may come from a stranger.
 *
 * @returns null if no candidate is near: more than a third of the letters (and more than two) would have to change.
 * @see Damerau 1964: insertions, deletions, substitutions and swaps of neighbours count one each.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (word.length > LONGEST_WORD) return null;
  const typed = word.toLowerCase();
  const longer = word.length < LEAST_PREFIX ? [] : begunBy(typed, candidates.slice(0, MOST_CANDIDATES));
  if (longer.length > 0) return longer.reduce((short, one) => (one.length < short.length ? one : short));
  let best: string | null = null;
  let min = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
    // Each letter that one word has more is an edit.
    if (Math.abs(candidate.length - word.length) >= min) continue;
    const distance = editDistance(typed, candidate.toLowerCase());
    // Any two words of two letters are at most two edits apart.
    if (distance < min && distance < candidate.length) {
      best = candidate;
      min = distance;
    }
  }
  return best;
}

/** Candidates that the word is the beginning of. */
function begunBy(typed: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.slice(0, LONGEST_WORD).toLowerCase().startsWith(typed));
}

/** Optimal string alignment distance, row by row. */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row++) {
    const line = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + Number(!same));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, before[column - 2]! + 1);
      }
      line.push(cost);
    }
    before = above;
    above = line;
  }
  return above[right.length]!;
}
