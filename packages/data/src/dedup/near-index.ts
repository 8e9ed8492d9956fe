import { separateWords } from '../text/separate-words.ts';
import { mostShingles, ShingleReader } from './read-shingles.ts';

/**
 * A shingle of this share of the texts, and of so many at least, is a template of the set ("Classify the sentiment of this
 * review: …") and does not count. Both are chosen: four templates in equal parts are found, and a group of four near-equal
 * texts is none, however few texts there are.
 */
const TEMPLATE_SHARE = 0.25;
const TEMPLATE_TEXTS = 5;

/** Texts of one set, found by what they have beyond the set's templates. */
export interface NearIndex {
  /**
   * Places of all texts whose similarity to this one reaches the threshold, ascending; an indexed text finds itself.
   *
   * @param isKnown - Leaves out places that need no comparison.
   */
  find(text: string, isKnown?: (place: number) => boolean): number[];
}

/**
 * Indexes the texts of one set to find all near-equal ones, where `DuplicateFinder` finds one canonical text for each. For
 * sets in memory. No pair is missed: two sets with Jaccard similarity t or more share one of their n - ⌈t n⌉ + 1 rarest
 * shingles (prefix filtering; Chaudhuri, Ganti & Kaushik 2006).
 *
 * @param threshold - Jaccard similarity, 0..1, of three-word shingles that are no template of the set. Texts that are nothing
 * but template are compared by all their shingles.
 */
export function createNearIndex(texts: readonly string[], threshold: number): NearIndex {
  const reader = new ShingleReader();
  const read = texts.map((text) => readShingles(reader, text));
  const counts = new Map<number, number>();
  for (const shingles of read) for (const shingle of shingles) counts.set(shingle, (counts.get(shingle) ?? 0) + 1);
  const most = Math.max(TEMPLATE_TEXTS, texts.length * TEMPLATE_SHARE);
  const count = (shingle: number) => counts.get(shingle) ?? 0;
  const own = (shingles: readonly number[]) => {
    const rest = shingles.filter((shingle) => count(shingle) < most);
    return rest.length > 0 ? rest : shingles;
  };
  const rarest = (shingles: readonly number[]) =>
    shingles
      .toSorted((left, right) => count(left) - count(right) || left - right)
      .slice(0, shingles.length - Math.ceil(threshold * shingles.length - 1e-9) + 1);

  const sets = read.map((shingles) => new Set(own(shingles)));
  const places = new Map<number, number[]>();
  for (const [place, set] of sets.entries()) {
    for (const shingle of rarest([...set])) {
      const known = places.get(shingle);
      if (known) known.push(place);
      else places.set(shingle, [place]);
    }
  }
  return {
    find(text, isKnown = () => false) {
      const wanted = own(readShingles(reader, text));
      const candidates = new Set(rarest(wanted).flatMap((shingle) => places.get(shingle) ?? []));
      return [...candidates]
        .filter((place) => !isKnown(place) && similarity(wanted, sets[place] as Set<number>) >= threshold)
        .sort((left, right) => left - right);
    },
  };
}

function similarity(shingles: readonly number[], set: ReadonlySet<number>): number {
  const common = shingles.filter((shingle) => set.has(shingle)).length;
  return common / (shingles.length + set.size - common);
}

/** The different shingles of a text. */
function readShingles(reader: ShingleReader, text: string): number[] {
  const bytes = Buffer.from(`${separateWords(text)}\0`);
  const hashes = new Uint32Array(mostShingles(bytes.length));
  const found = reader.read(bytes, 0, bytes.length - 1, hashes, 0);
  return [...new Set(hashes.subarray(0, found))];
}
