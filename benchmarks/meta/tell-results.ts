/** Tables of what was measured: means over seeds, and differences from multi-task training within a seed. */

export interface Measured {
  readonly seed: number;
  readonly domain: string;
  /** Examples of the domain. */
  readonly k: number;
  readonly start: string;
  /** Mean loss of the right answers to held-out questions before the examples were learned, nats a token. */
  readonly before: number;
  /** The same after. */
  readonly loss: number;
  /** Share of held-out questions answered right after the examples were learned. */
  readonly accuracy: number;
}

/** 97.5% quantiles of Student's t by degrees of freedom, from 1 on (any table of it). */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean of one value a seed, with its 95% interval. */
export function meanWithInterval(values: readonly number[]): { readonly mean: number; readonly half: number } {
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  return { mean: centre, half: (T[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length) };
}

/** Markdown. @param against - The start that the others are compared with, seed by seed, where both were measured. */
export function tellResults(all: readonly Measured[], against = 'supervised'): string {
  const distinct = <Value>(of: (one: Measured) => Value) => [...new Set(all.map(of))];
  const domains = distinct(({ domain }) => domain);
  const lines = [
    `| examples | start | seeds | ${domains.join(' | ')} | against ${against} | loss before | loss | against ${against} |`,
    `| ---: | --- | ---: | ${domains.map(() => '---:').join(' | ')} | ---: | ---: | ---: | ---: |`,
  ];
  for (const k of distinct((one) => one.k)) {
    for (const start of distinct((one) => one.start)) {
      const own = all.filter((one) => one.k === k && one.start === start);
      if (own.length === 0) continue;
      const differences = (of: (one: Measured) => number): number[] => {
        const theirs = ({ seed, domain }: Measured) =>
          all.find((one) => one.k === k && one.start === against && one.seed === seed && one.domain === domain);
        const pairs = own.flatMap((one) => {
          const other = theirs(one);
          return other ? [{ seed: one.seed, by: of(one) - of(other) }] : [];
        });
        return [...Map.groupBy(pairs, ({ seed }) => seed).values()].map((seed) => mean(seed.map(({ by }) => by)));
      };
      const shares = domains.map((domain) => {
        const here = own.filter((one) => one.domain === domain);
        return here.length === 0 ? '–' : `${(100 * mean(here.map((one) => one.accuracy))).toFixed(1)}%`;
      });
      const cells = [
        ...[`${k}`, start, `${new Set(own.map(({ seed }) => seed)).size}`, ...shares],
        start === against
          ? '–'
          : interval(
              differences(({ accuracy }) => 100 * accuracy),
              1,
            ),
        mean(own.map(({ before }) => before)).toFixed(3),
        mean(own.map(({ loss }) => loss)).toFixed(3),
        start === against
          ? '–'
          : interval(
              differences(({ loss }) => loss),
              3,
            ),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

function interval(values: readonly number[], digits: number): string {
  if (values.length < 2) return '–';
  const { mean: centre, half } = meanWithInterval(values);
  const [middle, low, high] = [centre, centre - half, centre + half].map((value) => signed(value, digits));
  return `${middle} [${low}, ${high}]`;
}

const signed = (value: number, digits: number) => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
