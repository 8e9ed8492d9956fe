import { type Answer, type Headline, isRightInProse } from '@cogumi/contracts';
import { compareIn, pairAnswers } from '../../pair-answers.ts';

/** Right answers of what ships as a multiple of another model's, over all domains; null: no question has a verdict on both. */
export function headline(
  against: Headline['against'],
  ours: readonly Answer[],
  theirs: readonly Answer[],
): Headline | null {
  const found = compareIn(pairAnswers(ours, theirs), null);
  if (!found || found.pairs === 0) return null;
  const inProse = (answers: readonly Answer[]) => answers.filter(isRightInProse).length;
  return {
    ...{ against, questions: found.pairs, right: found.ours, theirs: found.theirs },
    ...{ inProse: inProse(ours), theirsInProse: inProse(theirs), ratio: found.ratio, interval: found.interval },
  };
}
