import { HashSet } from '../hash-set.ts';
import type { Words } from '../read-words.ts';

const seenRuns = new HashSet();

/** Texts with fewer three-word runs cannot show repetition (chosen). */
const MIN_RUNS = 10;

/** Share (0..1) of three-word runs that have not occurred earlier in the text; 1 for short texts. */
export function distinctRuns({ hashes }: Words): number {
  const runs = hashes.length - 2;
  if (runs < MIN_RUNS) return 1;
  seenRuns.clear();
  for (let at = 0; at < runs; at++) {
    const first = Math.imul(hashes[at] as number, 0x9e3779b1);
    const second = Math.imul(hashes[at + 1] as number, 0x85ebca6b);
    seenRuns.add((first + second + (hashes[at + 2] as number)) & 0x3fffffff);
  }
  return seenRuns.size / runs;
}

/** Shorter lines repeat in good text too: `}`, `---`, `<tr>`, cells of a table (chosen). */
const SHORT_LINE = 20;

/** Share (0..1) of characters in lines that have occurred earlier in the text (Rae et al. 2021, table A1). */
export function repeatedLines(text: string): number {
  if (!text.includes('\n')) return 0;
  const seen = new Set<string>();
  let repeated = 0;
  for (const line of text.split('\n')) {
    if (line.length < SHORT_LINE) continue;
    if (seen.has(line)) repeated += line.length;
    else seen.add(line);
  }
  return repeated / text.length;
}
