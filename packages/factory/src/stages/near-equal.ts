import { createNearIndex, type NearIndex } from '@cogumi/data/dedup';
import { normaliseText } from '@cogumi/pure';

/** Jaccard similarity of three-word shingles from which on two questions are near-equal (chosen). */
const NEAR = 0.7;

/** @param questions - Of one domain: what most of them share, such as an instruction, does not count. */
export function indexQuestions(questions: readonly string[]): NearIndex {
  return createNearIndex(questions.map(normaliseText), NEAR);
}

/**
 * Groups questions that are near-equal, directly or through others, so that none is trained on whose like is held out: the
 * connected components of near-equality. Questions with the same text are always in one group.
 *
 * @returns For each question the place of the one that stands for its group: of the same text, whatever their order.
 */
export function groupNearEqual(questions: readonly string[]): Uint32Array {
  const texts = questions.map(normaliseText);
  const parents = Uint32Array.from(texts.keys());
  const rootOf = (place: number): number => {
    let root = place;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  };
  const join = (left: number, right: number) => {
    const [one, other] = [rootOf(left), rootOf(right)];
    const [root, child] = texts[one]! <= texts[other]! ? [one, other] : [other, one];
    parents[child] = root;
  };
  const firstOf = new Map<string, number>();
  const index = indexQuestions(texts);
  for (const [place, text] of texts.entries()) {
    const first = firstOf.get(text);
    if (first !== undefined) {
      join(first, place);
      continue;
    }
    firstOf.set(text, place);
    for (const near of index.find(text, (other) => rootOf(other) === rootOf(place))) join(place, near);
  }
  return parents.map((_, place) => rootOf(place));
}
