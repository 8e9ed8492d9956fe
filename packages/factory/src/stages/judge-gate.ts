import type { Gate } from '@cogumi/contracts';
import { wilsonInterval } from '@cogumi/pure';

type Described = Pick<Gate, 'name' | 'criterion' | 'threshold' | 'unit' | 'evidence' | 'advice'>;

export interface Measured extends Described {
  readonly bound: Gate['bound'];
  readonly measured: number;
  /** 95% interval of `measured`; left out: the value is exact. */
  readonly interval?: Gate['interval'];
  /** How many rows, questions or prompts it was measured on: 0 says nothing, so the gate is skipped. Left out: no sample. */
  readonly items?: number;
  /** Why there is nothing to measure, where `items` is 0; left out: said of the evidence. */
  readonly nothing?: string | undefined;
  /** Looks for a loss: fails only where the whole interval is below the threshold. */
  readonly guard?: boolean;
  /** `value`: the interval is shown, but the threshold applies to this fixed set of items, so the value decides. */
  readonly judgedBy?: 'interval' | 'value';
}

/**
 * Makes a gate of what a stage measured. Every gate is made here, so that a gate over nothing never passes.
 *
 * @returns Its verdict: `skipped` over no items, with the reason as its evidence. By value: `pass` or `fail`. By interval: `pass` when the whole interval reaches
 * the threshold, `fail` when none of it does, else `inconclusive`; a guard also passes when the value reaches the threshold.
 */
export function judgeGate({ items = 1, nothing, interval = null, guard = false, judgedBy, ...given }: Measured): Gate {
  const range = judgedBy === 'value' ? null : interval;
  const gate = { ...given, guard, interval: items === 0 ? null : interval };
  if (items === 0) {
    const evidence = nothing ?? `nothing to measure: ${given.evidence}`;
    return { ...gate, measured: 0, evidence, verdict: 'skipped' };
  }
  return { ...gate, verdict: range === null ? judgeValue(gate) : judgeInterval(gate, range) };
}

/** A value that is not a number fails. */
function judgeValue({ bound, measured, threshold }: Pick<Gate, 'bound' | 'measured' | 'threshold'>): Gate['verdict'] {
  const holds = {
    'at-least': measured >= threshold,
    'at-most': measured <= threshold,
    exactly: measured === threshold,
  };
  return holds[bound] ? 'pass' : 'fail';
}

function judgeInterval(
  { bound, measured, threshold, guard }: Pick<Gate, 'bound' | 'measured' | 'threshold' | 'guard'>,
  [low, high]: readonly [number, number],
): Gate['verdict'] {
  const [worst, value, best] = bound === 'at-most' ? [-high, -measured, -low] : [low, measured, high];
  const least = bound === 'at-most' ? -threshold : threshold;
  if (best < least) return 'fail';
  return (guard ? value : worst) >= least ? 'pass' : 'inconclusive';
}

/**
 * A gate on a share that must reach its threshold, judged by the 95% Wilson interval of the sample.
 *
 * @param hits - Whole number, 0 to `trials`.
 * @param trials - Size of the sample; 0 gives a gate that is skipped.
 */
export function shareGate(given: Described & Pick<Measured, 'guard'>, hits: number, trials: number): Gate {
  const sampled = trials > 0 ? { measured: hits / trials, interval: wilsonInterval(hits, trials) } : { measured: 0 };
  return judgeGate({ ...given, bound: 'at-least', ...sampled, items: trials });
}
