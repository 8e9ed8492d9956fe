import { type Answer, type Domain, type Failure, isRightInProse } from '@cogumi/contracts';
import { wilsonInterval } from '@cogumi/pure';

/** Right answers of a group with a 95% Wilson interval. */
export type Score = {
  questions: number;
  correct: number;
  accuracy: number;
  interval: [number, number];
  /** Of the right answers, those that were found in prose; left out where answers were judged as they stand. */
  inProse?: number;
  /** Wrong answers by kind; left out likewise. */
  failures?: Partial<Record<Failure, number>>;
};

/** Scores over all, by domain, and by whether the wording was ever trained on. Answers without a verdict are counted beside them. */
export function scoreAnswers(given: readonly Answer[]) {
  const answers = given.filter(({ correct }) => correct !== null);
  const byDomain: Record<Domain, { all: Score; known: Score | null; unseen: Score | null }> = {};
  for (const domain of new Set(answers.map((answer) => answer.domain))) {
    const own = answers.filter((answer) => answer.domain === domain);
    byDomain[domain] = {
      all: score(own) as Score,
      known: score(own.filter(({ unseen }) => unseen === false)),
      unseen: score(own.filter(({ unseen }) => unseen === true)),
    };
  }
  return {
    all: score(answers),
    byDomain,
    cut: given.filter(({ finish }) => finish === 'length').length,
    unmeasured: given.length - answers.length,
  };
}

function score(answers: readonly Answer[]): Score | null {
  if (answers.length === 0) return null;
  const correct = answers.filter((answer) => answer.correct).length;
  return {
    questions: answers.length,
    correct,
    accuracy: correct / answers.length,
    interval: wilsonInterval(correct, answers.length),
    ...splitOf(answers),
  };
}

/** Tells form from knowledge: what was right only once it was found in prose, and why the others are wrong. */
function splitOf(answers: readonly Answer[]): Pick<Score, 'inProse' | 'failures'> {
  if (answers.every(({ extracted }) => extracted === undefined)) return {};
  const inProse = answers.filter(isRightInProse).length;
  const kinds = answers.flatMap(({ failure }) => failure ?? []);
  const failures = Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, own]) => [kind, own.length]));
  return { inProse, failures };
}
