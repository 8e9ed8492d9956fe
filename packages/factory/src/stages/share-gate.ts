import type { Gate } from '@cogumi/contracts';
import { judgeAtLeast, wilsonInterval } from '@cogumi/pure';

type Given = Pick<Gate, 'name' | 'criterion' | 'threshold' | 'unit' | 'evidence' | 'advice'>;

/**
 * A gate on a share that must reach its threshold, judged by the 95% Wilson interval of the sample.
 *
 * @param hits - Whole number, 0 to `trials`.
 * @param trials - Size of the sample, at least 1.
 */
export function shareGate(given: Given, hits: number, trials: number): Gate {
  const measured = hits / trials;
  const interval = wilsonInterval(hits, trials);
  return {
    ...given,
    bound: 'at-least',
    measured,
    interval,
    verdict: judgeAtLeast(given.threshold, measured, interval),
  };
}
