import { createHash } from 'node:crypto';
import type { Question } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';

/** A row to train on and one to watch the loss. */
export const LEAST_TRAINING = 2;

export interface Split {
  readonly heldOut: readonly Question[];
  readonly training: readonly Question[];
}

/**
 * Splits by content: a group of near-equal questions is held out when the hash of the question that stands for it says so,
 * whatever the order of the file. So an example stays on its side when others are added, unless one of them is near-equal and
 * comes to stand for its group. The share holds on average only: of 120 examples and a share of 0.3, 26 to 46 are held out (95
 * of 100 times). Where the hashes of few examples hold out none, the group with the lowest is held out; where they leave too
 * few to train on, those with the highest are not.
 *
 * @param standsFor - For each question the place of the one that stands for its group.
 * @param share - 0..1, of the groups.
 */
export function splitExamples(
  questions: readonly Question[],
  standsFor: ArrayLike<number>,
  share: number,
  seed: number,
): Split {
  const groups = Map.groupBy(questions.keys(), (at) => standsFor[at] as number);
  const ranked = [...groups]
    .map(([place, members]) => ({
      place,
      fraction: fraction(`${seed}/${normaliseText(questions[place]?.question ?? '')}`),
      size: members.length,
    }))
    .sort((left, right) => left.fraction - right.fraction);
  const heldOut = new Set<number>();
  let training = questions.length;
  for (const { place, fraction: own, size } of ranked) {
    if (own >= share && heldOut.size > 0) break;
    if (training - size < LEAST_TRAINING) continue;
    heldOut.add(place);
    training -= size;
  }
  const isHeldOut = (_: Question, at: number) => heldOut.has(standsFor[at] as number);
  return {
    heldOut: questions.filter(isHeldOut),
    training: questions.filter((question, at) => !isHeldOut(question, at)),
  };
}

/** A number of [0, 1) that hangs on the text alone. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
