import type { ShingleCounts } from './shingle-counts.ts';

/** One number a shingle: occurrences in the high bits, hash in the low ones. All texts share this order. */
const sorted = new Float64Array(64);

/**
 * The rarest shingles of a short text, by which it is indexed and looked up: two sets with Jaccard similarity t or more
 * share one of their n - ⌈t n⌉ + 1 rarest (prefix filtering; Chaudhuri, Ganti & Kaushik 2006). Shingles that no other text
 * has are left out.
 *
 * @param hashes - Different shingles at `[start..start + count)`, at most 64.
 * @param into - Receives the prefix from `at` on.
 * @returns Length of the prefix.
 */
export function prefixShingles(
  hashes: Uint32Array,
  start: number,
  count: number,
  counts: ShingleCounts,
  threshold: number,
  into: Uint32Array,
  at: number,
): number {
  let length = prefixLength(count, threshold);
  let shared = 0;
  for (let place = start; place < start + count; place++) {
    const hash = hashes[place] as number;
    const occurs = counts.of(hash);
    // No other text has it: it belongs to the prefix and finds nothing.
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

/** Most prefix shingles of a text with `count` different ones. */
export const prefixLength = (count: number, threshold: number): number =>
  count - Math.ceil(threshold * count - 1e-9) + 1;
