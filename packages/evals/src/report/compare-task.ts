import { pairedRatio } from '@cogumi/pure';
import type { ScoredItem } from '../run-task.ts';
import type { Task } from '../tasks/task.ts';
import { metricName } from './summarize-task.ts';

/** One figure of two models on the same items. */
export interface Comparison {
  readonly task: string;
  readonly metric: string;
  readonly items: number;
  /** Items that both models have right, and those that only one has. */
  readonly both: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  /** Right items of ours, divided by theirs (`pairedRatio`). */
  readonly ratio: number;
  /** 95% */
  readonly interval: readonly [number, number];
  /** What the interval says of ours. `undecided`: it holds 1, or neither model has anything right. */
  readonly verdict: 'better' | 'worse' | 'undecided';
}

/**
 * Compares two models by their answers to the same items, in pairs: what both have right, or neither, adds no noise.
 *
 * @param ours - In the order of the task.
 * @param theirs - The same items in the same order.
 */
export function compareTask(task: Task, ours: readonly ScoredItem[], theirs: readonly ScoredItem[]): Comparison[] {
  // A score between 0 and 1 has no right items to pair.
  const isCounted = (name: string) =>
    [...ours, ...theirs].every(({ scores }) => [scores[name]].flat().every((one) => one === 0 || one === 1));
  const names = Object.keys(ours[0]?.scores ?? {}).filter(isCounted);
  return names.map((name) => {
    const pairs = ours.flatMap(({ id, scores }, at) => {
      const other = theirs[at];
      if (other?.id !== id) throw new RangeError(`item ${at} is ${id} and ${other?.id}`);
      const [own, their] = [scores[name], other.scores[name]].map((score) => [score].flat()) as [number[], number[]];
      return own.map((score, place) => [score === 1, their[place] === 1] as const);
    });
    const count = (mine: boolean, other: boolean) => pairs.filter(([one, two]) => one === mine && two === other).length;
    const { ratio, interval } = pairedRatio(pairs);
    const [both, onlyOurs, onlyTheirs] = [count(true, true), count(true, false), count(false, true)];
    const verdict = interval[0] > 1 ? 'better' : interval[1] < 1 ? 'worse' : 'undecided';
    return {
      ...{ task: task.name, metric: metricName(task, name), items: pairs.length },
      ...{ both, onlyOurs, onlyTheirs, ratio, interval, verdict },
    };
  });
}
