import { END, linkBands, nextKeeper, tableSize } from './band-chains.ts';
import { PrefixIndex, ShingleCounts } from './prefix-index.ts';
import { mostShingles, ShingleReader } from './read-shingles.ts';
import { RepeatFilter } from './repeat-filter.ts';
import { ShingleStore } from './shingle-store.ts';
import { Similarity } from './similarity.ts';
import { BANDS, Sketch } from './sketch.ts';

/** UTF-8 texts end to end: text `n` is `bytes[offsets[n]..offsets[n + 1])`. */
export interface Texts {
  readonly bytes: Uint8Array;
  readonly offsets: Float64Array;
}

export interface Duplicates {
  /** For each text the one that stands for it: itself where it stays. */
  readonly keeper: Uint32Array;
  /** Jaccard similarity to the keeper, 0..1; 1 for what stays and for exact duplicates. */
  readonly similarity: Float32Array;
  /** Texts with the same words as a better one. */
  readonly exact: number;
  /** Others that are similar enough to a better one. */
  readonly near: number;
}

/** Different shingles up to which a sketch of 128 bins loses pairs, so that rare shingles are looked up instead (chosen). */
const SHORT = 40;

/**
 * Which texts are near-duplicates of a better one. Texts are taken from the best to the worst: each goes to a keeper
 * that it is similar enough to, or becomes a keeper itself. So no cluster reaches farther than its keeper (no
 * chains that merge unlike texts), and the result hangs on merit alone, not on the order of the input.
 *
 * Long texts find their keepers by MinHash bands, short ones by their rarest shingles, where no pair is missed; whatever
 * is found is verified by the exact similarity of the shingle sets (of 32-bit hashes).
 *
 * @param order - Numbers of all texts, best first.
 * @param threshold - Jaccard similarity, 0.5..1, from which on two texts count as one.
 */
export function findDuplicates({ bytes, offsets }: Texts, order: Uint32Array, threshold: number): Duplicates {
  const texts = offsets.length - 1;
  const reader = new ShingleReader();
  const repeats = new RepeatFilter(SHORT);
  const sketch = new Sketch();
  const store = new ShingleStore(texts);
  const counts = new ShingleCounts(texts);
  // Band keys first, then chains.
  const links = new Uint32Array(texts * BANDS);
  const identities = new Uint32Array(texts * 2);
  // 0: long, 1: both (a short text's partners may be longer), 2: short.
  const kinds = new Uint8Array(texts);
  for (let text = 0; text < texts; text++) {
    const from = offsets[text] as number;
    const to = offsets[text + 1] as number;
    store.open(mostShingles(to - from));
    const block = store.block(text);
    const start = store.start(text);
    let count = reader.read(bytes, from, to, block, start);
    identities[2 * text] = reader.identityLow;
    identities[2 * text + 1] = reader.identityHigh;
    // Filled bins are no more than different shingles.
    if (sketch.take(block, start, count) <= SHORT) {
      count = repeats.drop(block, start, count);
      if (count <= SHORT) {
        kinds[text] = count < SHORT * threshold ? 2 : 1;
        for (let at = start; at < start + count; at++) counts.add(block[at] as number);
      }
    }
    if (kinds[text] !== 2) sketch.writeKeys(links, text * BANDS);
    store.close(count);
  }

  const keeper = Uint32Array.from({ length: texts }, (_, text) => text);
  const similarity = new Float32Array(texts).fill(1);
  const { exact, rest } = takeTwins(order, identities, keeper);
  linkBands(
    links,
    rest.filter((text) => kinds[text] !== 2),
  );

  const prefixes = new PrefixIndex(store, counts, threshold);
  const measure = new Similarity(store, texts);
  const rare = new Float64Array(64);
  // Texts that were already compared with the one at hand.
  const seen = new Uint32Array(texts);
  let near = 0;
  for (let place = 0; place < rest.length; place++) {
    const text = rest[place] as number;
    const kind = kinds[text] as number;
    let best = -1;
    let measured = 0;
    const meets = (other: number) => {
      if (seen[other] === place + 1) return false;
      seen[other] = place + 1;
      measured = measure.between(text, other);
      return measured >= threshold;
    };

    const rarest = kind > 0 ? prefixes.rarest(text, rare) : 0;
    for (let at = 0; at < rarest && best < 0; at++) {
      for (let entry = prefixes.first(rare[at] as number); entry !== 0 && best < 0; entry = prefixes.next(entry)) {
        if (meets(prefixes.text(entry))) best = prefixes.text(entry);
      }
    }
    for (let band = 0; kind < 2 && band < BANDS && best < 0; band++) {
      let other = nextKeeper(links, keeper, text, band);
      for (; other !== END && best < 0; other = nextKeeper(links, keeper, other, band)) {
        if (meets(other)) best = other;
      }
    }
    if (best < 0) for (let at = 0; at < rarest; at++) prefixes.add(text, rare[at] as number);
    else {
      keeper[text] = best;
      similarity[text] = measured;
      near++;
    }
  }
  // Those with the same words went to each other first.
  for (const text of order) {
    const twin = keeper[text] as number;
    if (keeper[twin] === twin) continue;
    keeper[text] = keeper[twin] as number;
    similarity[text] = similarity[twin] as number;
  }
  return { keeper, similarity, exact, near };
}

/**
 * Sends texts with the same words (by 64 bits) to the best of them.
 *
 * @returns How many went, and those that are left, best first.
 */
function takeTwins(
  order: Uint32Array,
  identities: Uint32Array,
  keeper: Uint32Array,
): { exact: number; rest: Uint32Array } {
  const size = tableSize(order.length);
  const mask = size - 1;
  // Text + 1.
  const slots = new Uint32Array(size);
  const rest = new Uint32Array(order.length);
  let left = 0;
  for (const text of order) {
    const low = identities[2 * text] as number;
    const high = identities[2 * text + 1] as number;
    let slot = low & mask;
    let other = (slots[slot] as number) - 1;
    while (other >= 0 && !(identities[2 * other] === low && identities[2 * other + 1] === high)) {
      slot = (slot + 1) & mask;
      other = (slots[slot] as number) - 1;
    }
    if (other >= 0) keeper[text] = other;
    else {
      slots[slot] = text + 1;
      rest[left++] = text;
    }
  }
  return { exact: order.length - left, rest: rest.subarray(0, left) };
}
