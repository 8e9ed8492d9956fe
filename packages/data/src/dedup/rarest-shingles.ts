import type { ShingleCounts } from './shingle-counts.ts';

/** Occurrences above, hash below: one number a shingle, in the order that all texts share. */
const sorted = new Float64Array(64);

/**
 * The shingles that a short text is filed and looked up by: two sets with Jaccard similarity t or more share one of their
 * rarest n - ⌈t n⌉ + 1 (prefix filtering; Chaudhuri, Ganti & Kaushik 2006). Those that nobody else has are left out.
 *
 * @param hashes - Different shingles `[start..start + count)`, 64 at most.
 * @param into - Receives them from `at` on.
 * @returns How many there are.
 */
export function rarestShingles(
  hashes: Uint32Array,
  start: number,
  count: number,
  counts: ShingleCounts,
  threshold: number,
  into: Uint32Array,
  at: number,
): number {
  let length = mostRarest(count, threshold);
  let shared = 0;
  for (let place = start; place < start + count; place++) {
    const hash = hashes[place] as number;
    const occurs = counts.of(hash);
    // Rarest of all, and nobody's but this text's: no reason to meet anyone.
    if (occurs === 1) {
      if (--length === 0) return 0;
      continue;
    }
    const rank = occurs * 2 ** 32 + hash;
    let slot = shared++;
    for (; slot > 0 && (sorted[slot - 1] as number) > rank; slot--) sorted[slot] = sorted[slot - 1] as number;
    sorted[slot] = rank;
  }
  length = Math.min(length, shared);
  for (let place = 0; place < length; place++) into[at + place] = (sorted[place] as number) % 2 ** 32;
  return length;
}

/** How many rarest shingles a text with so many can have. */
export const mostRarest = (count: number, threshold: number): number => count - Math.ceil(threshold * count - 1e-9) + 1;
