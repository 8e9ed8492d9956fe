import type { PassTime } from '../../types.ts';

/** Between measured sizes, and beyond the last one, time is taken as a straight line. @param measured - In ascending order, at least two. */
export function passMs(measured: readonly PassTime[], tokens: number): number {
  const above = measured.findIndex((time) => time.tokens >= tokens);
  const to = measured[above === -1 ? measured.length - 1 : Math.max(1, above)] as PassTime;
  const from = measured[measured.indexOf(to) - 1] as PassTime;
  return from.ms + ((tokens - from.tokens) * (to.ms - from.ms)) / (to.tokens - from.tokens);
}
