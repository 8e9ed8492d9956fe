/** A benchmark and the texts of its test items, as a model is asked them. */
export interface Benchmark {
  readonly name: string;
  readonly items: readonly string[];
}

/** A test item found in a training text. */
export interface Contamination {
  readonly benchmark: string;
  /** Index in the benchmark's `items`. */
  readonly item: number;
  /** Share (0..1) of the item's own words that the text contains, in runs of eight or more. */
  readonly overlap: number;
}
