/** Which of two answers is better. */
export type Preference = 'first' | 'second' | 'tie';

/** Two answers to one question, and what each person said of them. */
export interface LabelledPair {
  readonly question: string;
  readonly first: string;
  readonly second: string;
  /** At least one. */
  readonly people: readonly Preference[];
}

/** An answer to a question, and whether each person found it good. */
export interface LabelledAnswer {
  readonly question: string;
  readonly answer: string;
  /** At least one. */
  readonly people: readonly boolean[];
}

/** What most people say; null: as many say otherwise. */
export function majority<Label>(people: readonly Label[]): Label | null {
  const counts = [...Map.groupBy(people, (label) => label)].map(([label, { length }]) => ({ label, length }));
  const most = Math.max(...counts.map(({ length }) => length));
  const found = counts.filter(({ length }) => length === most);
  return found.length === 1 ? (found[0]?.label as Label) : null;
}
