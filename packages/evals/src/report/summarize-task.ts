import { leastDifference, wilsonInterval } from '@cogumi/pure';
import type { ScoredItem } from '../run-task.ts';
import type { Task } from '../tasks/task.ts';
import { passAtK, REPORTED_K } from './pass-at-k.ts';

/** One figure over many items. */
export interface Score {
  /** `acc`, or `exact_match` with the way in which the answer was read, such as `exact_match,strict-match`, as lm-eval names it. */
  readonly metric: string;
  /** Items, or those parts of them that the score counts. */
  readonly items: number;
  /** The sum of their scores. */
  readonly right: number;
  /** Share of right items, 0..1. */
  readonly value: number;
  /** 95% (Wilson; wider than needed for pass@k, whose scores lie between 0 and 1). */
  readonly interval: readonly [number, number];
  /** Standard error as lm-eval prints it; null for one item. */
  readonly standardError: number | null;
  /** The least difference, 0..1, to another model on as many other items that would be seen in four of five cases. */
  readonly leastDifference: number;
}

export interface TaskSummary {
  readonly task: string;
  readonly harness: Task['harness'];
  readonly shots: number;
  readonly scores: readonly Score[];
  /** The scores of each group, such as a subject; empty if the task has none. */
  readonly groups: Readonly<Record<string, readonly Score[]>>;
}

/** Adds up the items of a task. Groups count by their items, as in lm-eval's groups with `weight_by_size`. */
export function summarizeTask(task: Task, items: readonly ScoredItem[]): TaskSummary {
  const names = [...new Set(items.flatMap(({ group }) => group ?? []))];
  return {
    task: task.name,
    harness: task.harness,
    shots: task.shots,
    scores: scoresOf(task, byProblem(task, items)),
    groups: Object.fromEntries(
      names.map((name) => [
        name,
        scoresOf(
          task,
          items.filter(({ group }) => group === name),
        ),
      ]),
    ),
  };
}

/** Items of one problem each: several answers to one become its pass@k. */
function byProblem({ items: asked }: Task, items: readonly ScoredItem[]): readonly Pick<ScoredItem, 'scores'>[] {
  const problems = Map.groupBy(items.keys(), (at) => {
    const item = asked[at];
    return item && 'problem' in item ? item.problem : at;
  });
  if (problems.size === items.length) return items;
  return [...problems.values()].map((places) => {
    const right = places.filter((at) => items[at]?.scores['pass@1'] === 1).length;
    const known = REPORTED_K.filter((k) => k <= places.length);
    return { scores: Object.fromEntries(known.map((k) => [`pass@${k}`, passAtK(places.length, right, k)])) };
  });
}

/** How lm-eval calls a score of a task's items. */
export function metricName({ metric }: Pick<Task, 'metric'>, score: string): string {
  return metric === null ? score : `${metric},${score}`;
}

function scoresOf(task: Task, items: readonly Pick<ScoredItem, 'scores'>[]): Score[] {
  const names = Object.keys(items[0]?.scores ?? {});
  return names.map((name) => {
    const each = items.flatMap(({ scores }) => scores[name] as number | readonly number[]);
    const count = each.length;
    const right = each.reduce((sum, one) => sum + one, 0);
    const value = right / count;
    const squares = each.reduce((sum, one) => sum + (one - value) ** 2, 0);
    return {
      metric: metricName(task, name),
      items: count,
      right,
      value,
      interval: wilsonInterval(right, count),
      standardError: count < 2 ? null : Math.sqrt(squares / (count - 1) / count),
      leastDifference: leastDifference(right, count),
    };
  });
}
