/** The texts of one benchmark's test items, as a model would be asked them. */
export interface Benchmark {
  readonly name: string;
  readonly items: readonly string[];
}

/** A training text that holds a test item. */
export interface Contamination {
  readonly benchmark: string;
  /** Place in `items` of the benchmark. */
  readonly item: number;
  /** Share (0..1) of the item's own words that stand in the text, in runs of eight or more; 1: all of them. */
  readonly overlap: number;
}
