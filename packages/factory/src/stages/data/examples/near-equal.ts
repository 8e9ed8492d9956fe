import { findDuplicates } from '@cogumi/data/dedup';
import { normaliseText } from '@cogumi/pure';

/** Jaccard similarity of three-word shingles from which on two questions are on one side of the split (chosen). */
const NEAR = 0.7;
/** Shingles beyond this go to a file: more than a million examples (chosen). */
const MEMORY_BYTES = 2 ** 27;

/**
 * Groups questions that are nearly the same, so that none is trained on whose like is held out. Questions with the same words
 * in the same order are always in one group.
 *
 * @param spillPath - Of a file, should there be very many.
 * @returns For each question the place of the one that stands for its group: the same whatever their order.
 */
export async function nearEqual(questions: readonly string[], spillPath: string): Promise<Uint32Array> {
  const texts = questions.map(normaliseText);
  const order = Uint32Array.from(texts.keys()).sort((left, right) =>
    (texts[left] as string) < (texts[right] as string) ? -1 : 1,
  );
  const settings = { threshold: NEAR, threads: 1, memoryBytes: MEMORY_BYTES, spillPath };
  const { canonical } = await findDuplicates(texts, order, settings);
  return canonical;
}
