import type { Answer, FailureKind, Question } from '@cogumi/contracts';

/** A question with the answer that what is served gave to it. */
export interface Asked {
  readonly question: Question;
  readonly answer: Answer;
  /** null: the answer is right, or has no verdict. */
  readonly kind: FailureKind | null;
}

export interface Count {
  readonly asked: number;
  readonly failed: number;
}

/** Questions and failures by a name. */
export function countBy(asked: readonly Asked[], nameOf: (question: Question) => string): ReadonlyMap<string, Count> {
  const counts = new Map<string, { asked: number; failed: number }>();
  for (const { question, kind } of asked) {
    const name = nameOf(question);
    const count = counts.get(name) ?? { asked: 0, failed: 0 };
    counts.set(name, { asked: count.asked + 1, failed: count.failed + (kind === null ? 0 : 1) });
  }
  return counts;
}

/** Failures by kind, in the order of the kinds given; kinds without any are left out. */
export function countKinds(
  asked: readonly Asked[],
  kinds: readonly FailureKind[],
): Partial<Record<FailureKind, number>> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const count = asked.filter((one) => one.kind === kind).length;
      return count > 0 ? [[kind, count]] : [];
    }),
  );
}

/** Names by how many of the questions have them, the most first. */
export function rankNames(questions: readonly Question[], nameOf: (question: Question) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const question of questions) counts.set(nameOf(question), (counts.get(nameOf(question)) ?? 0) + 1);
  return [...counts].sort(([one, count], [other, more]) => more - count || (one < other ? -1 : 1));
}
