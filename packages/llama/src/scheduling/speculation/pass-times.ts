import type { PassTime } from '../../types/decisions.ts';

/**
 * Milliseconds of a pass over so many tokens: as long as the next larger size that was measured, since most kernels of llama.cpp compute four
 * tokens at a time and three take longer (measured, SmolLM2 Q4_0, one thread: 25 ms, four 21 ms); beyond the last size a straight line, which
 * never falls: two measurements of a busy machine may lie the wrong way round.
 *
 * @param measured - In ascending order, at least two.
 */
export function passMs(measured: readonly PassTime[], tokens: number): number {
  const next = measured.find((time) => time.tokens >= tokens);
  if (next !== undefined) return next.ms;
  const [from, to] = measured.slice(-2) as [PassTime, PassTime];
  return to.ms + ((tokens - to.tokens) * Math.max(0, to.ms - from.ms)) / (to.tokens - from.tokens);
}
