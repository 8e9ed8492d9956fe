/** What a judge said of one labelled item. */
export interface JudgedItem<Label = unknown> {
  /** What each person said; at least one. */
  readonly people: readonly Label[];
  /** What the judge says in the end; null: its replies cannot be read. */
  readonly judge: Label | null;
  /** Whether it says the same in both orders of a pair; null: there are no two readable verdicts. */
  readonly steady: boolean | null;
  /** Of a pair, which place it prefers in each order in which it prefers one. */
  readonly places: readonly ('above' | 'below')[];
  /** Whether its verdict is the one that the length of the answer suggests; null: it suggests none. */
  readonly byLength: boolean | null;
  /** Whether people say otherwise than the length suggests: there a judge that goes by the length is wrong. */
  readonly lengthMisleads: boolean;
  /** Whether all samples of the judge are equal; null: none was drawn. */
  readonly repeats: boolean | null;
  /** How many of its replies refuse to judge. */
  readonly refusals: number;
}
