/** A line through points, with the 95% interval of its slope. */
export interface Slope {
  readonly perX: number;
  readonly low: number;
  readonly high: number;
}

/** Blocks whose means are fitted (chosen): samples of memory that follow each other are not independent, means of long blocks nearly are. */
export const BLOCKS = 12;
/** Student's t for 95% and 10 degrees of freedom. */
const T = 2.228;

/** Least squares over the means of 12 blocks in the order of the samples. */
export function slopeOf(samples: readonly (readonly [x: number, y: number])[]): Slope {
  const means = Array.from({ length: BLOCKS }, (_, block) => {
    const own = samples.slice(
      Math.floor((block * samples.length) / BLOCKS),
      Math.floor(((block + 1) * samples.length) / BLOCKS),
    );
    return [mean(own.map(([x]) => x)), mean(own.map(([, y]) => y))] as const;
  });
  const x = mean(means.map(([own]) => own));
  const y = mean(means.map(([, own]) => own));
  const spread = means.reduce((sum, [own]) => sum + (own - x) ** 2, 0);
  const perX = means.reduce((sum, [ownX, ownY]) => sum + (ownX - x) * (ownY - y), 0) / spread;
  const rest = means.reduce((sum, [ownX, ownY]) => sum + (ownY - y - perX * (ownX - x)) ** 2, 0);
  const error = T * Math.sqrt(rest / (BLOCKS - 2) / spread);
  return { perX, low: perX - error, high: perX + error };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
