import { createHash } from 'node:crypto';
import type { Answer, Domain, DomainResult } from '@cogumi/contracts';
import { pairedRatio } from '@cogumi/pure';
import type { Evaluation } from './read-evaluations.ts';

/** How the verdicts on one model's answers differ from those on another's, for the questions that both answered. */
export interface Moves {
  readonly gained: number;
  readonly lost: number;
  readonly bothRight: number;
  readonly bothWrong: number;
}

export function countMoves(before: readonly Answer[], after: readonly Answer[]): Moves {
  const old = new Map(before.map(({ question_id, correct }) => [question_id, correct]));
  const pairs = after.flatMap(({ question_id, correct }) => {
    const was = old.get(question_id);
    return was === undefined || was === null || correct === null ? [] : [[was, correct] as const];
  });
  const count = (was: boolean, is: boolean) => pairs.filter(([left, right]) => left === was && right === is).length;
  return {
    gained: count(false, true),
    lost: count(true, false),
    bothRight: count(true, true),
    bothWrong: count(false, false),
  };
}

/**
 * Whether a model answers a domain (`null`: all) better or worse than another for certain, where all domains are judged together;
 * null: they share no question.
 */
export function changeIn(
  before: readonly Answer[],
  after: readonly Answer[],
  domain: Domain | null,
): DomainResult['change'] | null {
  const old = new Map(before.map(({ question_id, correct }) => [question_id, correct]));
  const pairs = after
    .filter((answer) => domain === null || answer.domain === domain)
    .flatMap(({ question_id, correct }): [boolean, boolean][] => {
      const was = old.get(question_id);
      return was === undefined || was === null || correct === null ? [] : [[correct, was]];
    });
  if (pairs.length === 0) return null;
  // Those of the model before: a modifier was asked in its own domain only.
  const domains = domain === null ? 1 : new Set(before.map((answer) => answer.domain)).size;
  const [low, high] = pairedRatio(pairs, domains).interval;
  return low > 1 ? 'up' : high < 1 ? 'down' : 'unclear';
}

/**
 * At most `most` answers, sampled by the hash of their questions' ids: not hand-picked, and the same in every run. Unlike
 * taking every n-th row, it cannot follow the order in which the tasks alternate.
 */
export function sampleAnswers(answers: readonly Answer[], most: number): Answer[] {
  const ranked = answers.map((answer) => ({
    answer,
    rank: createHash('sha256').update(answer.question_id).digest('hex'),
  }));
  return ranked
    .sort((left, right) => (left.rank < right.rank ? -1 : 1))
    .slice(0, most)
    .map(({ answer }) => answer);
}

/** The answer to a question in each evaluation that has one. */
export function answersTo(question: string, evaluations: readonly Evaluation[]): { name: string; answer: Answer }[] {
  return evaluations.flatMap(({ name, answers }) => {
    const answer = answers.find(({ question_id }) => question_id === question);
    return answer ? [{ name, answer }] : [];
  });
}
