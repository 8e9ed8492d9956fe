import { type Message, type Question, turnsOf } from '@cogumi/contracts';
import { redraw } from '@cogumi/teachers/procedural';

/** A question with its right answer and a plausible wrong one. */
export interface MinimalPair {
  readonly question_id: string;
  readonly turns: readonly Message[];
  readonly right: string;
  readonly wrong: string;
}

/**
 * Pairs of questions: the wrong answer is the one that a procedural teacher gives when it errs, and of an example the answer of the next
 * example of its domain that has another. A question without either is left out.
 */
export function makePairs(questions: readonly Question[]): MinimalPair[] {
  const examples = Map.groupBy(
    questions.filter(({ example }) => example !== undefined),
    ({ domain }) => domain,
  );
  return questions.flatMap((question): MinimalPair[] => {
    const { question_id, domain, example } = question;
    const turns = turnsOf(question);
    if (!example) {
      const { answer: right, wrongAnswer: wrong } = redraw(question);
      return [{ question_id, turns, right, wrong }];
    }
    const others = examples.get(domain) ?? [];
    const at = others.indexOf(question);
    const other = [...others.slice(at + 1), ...others.slice(0, at)].find(
      (one) => one.example!.answer !== example.answer,
    );
    return other ? [{ question_id, turns, right: example.answer, wrong: other.example!.answer }] : [];
  });
}
