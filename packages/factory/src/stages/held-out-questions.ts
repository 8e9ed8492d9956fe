import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { normaliseText } from '@cogumi/pure';
import type { InputArtifact } from './context.ts';
import { indexQuestions } from './near-equal.ts';

/** How a question is held out: by its text, or by a held-out example that is near-equal. */
export type HeldOutMatch = 'held-out' | 'near-held-out';

/**
 * Finds questions that must not be trained on, wherever they come from.
 *
 * @param heldOut - Questions of the evaluation set. Those of generators are compared by their text only: training questions
 * differ from them in a number or a name, on purpose.
 * @param examples - Every domain of one's own, each with its held-out and its training questions, which say what most questions
 * of the domain share. Others are compared with the held-out ones.
 */
export async function findHeldOut(
  heldOut: readonly Question[],
  examples: Iterable<InputArtifact>,
): Promise<(question: string) => HeldOutMatch | null> {
  const texts = new Set(heldOut.map(({ question }) => normaliseText(question)));
  const domains = await Promise.all([...examples].map(indexDomain));
  return (question) => {
    if (texts.has(normaliseText(question))) return 'held-out';
    return domains.some((isNear) => isNear(question)) ? 'near-held-out' : null;
  };
}

async function indexDomain(artifact: InputArtifact): Promise<(question: string) => boolean> {
  const read = async (file: string) =>
    (await readAllJsonl(artifact.path(file), Question)).map(({ question }) => question);
  const heldOut = await read('held-out.jsonl');
  const { find } = indexQuestions([...heldOut, ...(await read('training.jsonl'))]);
  return (question) => find(normaliseText(question), (place) => place >= heldOut.length).length > 0;
}
