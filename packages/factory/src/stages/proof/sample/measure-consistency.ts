import { agree, type Domain, type Samples } from '@cogumi/contracts';
import { wilsonInterval } from '@cogumi/pure';

/** How often the samples of a model agree. */
export type Consistency = {
  questions: number;
  /** Questions whose samples all agree. */
  consistent: number;
  share: number;
  /** 95%. */
  interval: [number, number];
  /** Share of the pairs of samples that agree, over all questions. */
  agreement: number;
  /** Questions whose samples are all right. */
  right: number;
};

/** Whether all samples of a question agree. */
export function isConsistent({ answers: [first, ...rest] }: Samples): boolean {
  return rest.every((other) => first !== undefined && agree(first, other));
}

/** Over all questions and by domain; null for all of none. */
export function measureConsistency(samples: readonly Samples[]) {
  const byDomain: Record<Domain, Consistency | null> = {};
  for (const [domain, own] of Map.groupBy(samples, (one) => one.domain)) byDomain[domain] = consistencyOf(own);
  return { all: consistencyOf(samples), byDomain };
}

/** Of the questions whose samples did not all agree before, those whose samples do now. */
export function nowConsistent(ours: readonly Samples[], theirs: readonly Samples[]) {
  const before = new Map(theirs.map((one) => [one.question_id, isConsistent(one)]));
  const started = ours.filter(({ question_id }) => before.get(question_id) === false);
  const consistent = started.filter(isConsistent).length;
  const questions = started.length;
  return questions === 0 ? null : { questions, consistent, interval: wilsonInterval(consistent, questions) };
}

function consistencyOf(samples: readonly Samples[]): Consistency | null {
  const questions = samples.length;
  if (questions === 0) return null;
  const consistent = samples.filter(isConsistent).length;
  return {
    ...{ questions, consistent, share: consistent / questions, interval: wilsonInterval(consistent, questions) },
    agreement: samples.reduce((sum, { answers }) => sum + pairsAgreeing(answers), 0) / questions,
    right: samples.filter(({ answers }) => answers.every(({ correct }) => correct)).length,
  };
}

function pairsAgreeing(answers: Samples['answers']): number {
  const pairs = answers.flatMap((one, at) => answers.slice(at + 1).map((other) => agree(one, other)));
  return pairs.filter(Boolean).length / pairs.length;
}
