import { describe, expect, it } from 'vitest';
import type { ScoredItem } from '../run-task.ts';
import type { Task } from '../tasks/task.ts';
import { compareTask } from './compare-task.ts';

const task: Task = { name: 'sums', harness: null, shots: 0, metric: 'exact_match', items: [] };
/** Items of which the first are right in both readings, and one more in the flexible one. */
const items = (...right: readonly (0 | 1)[]): ScoredItem[] =>
  right.map((score, at) => ({ id: `${at}`, group: null, reply: '', scores: { strict: score, flexible: 1 } }));
const times = (count: number, value: 0 | 1) => Array.from({ length: count }, () => value);

describe('compareTask', () => {
  it('counts pairs, and says better where the whole interval is above 1', () => {
    const [strict, flexible] = compareTask(
      task,
      items(...times(60, 1), ...times(40, 0)),
      items(...times(30, 1), ...times(70, 0)),
    );
    expect(strict).toMatchObject({ task: 'sums', metric: 'exact_match,strict', items: 100 });
    expect(strict).toMatchObject({ both: 30, onlyOurs: 30, onlyTheirs: 0, ratio: 2, verdict: 'better' });
    expect(flexible).toMatchObject({ both: 100, ratio: 1, verdict: 'undecided' });
  });

  it('says worse, and undecided where the sample cannot tell', () => {
    expect(
      compareTask(task, items(...times(3, 1), ...times(97, 0)), items(...times(60, 1), ...times(40, 0)))[0]?.verdict,
    ).toBe('worse');
    expect(compareTask(task, items(1, 0, 0), items(0, 0, 0))[0]?.verdict).toBe('undecided');
    expect(compareTask(task, items(0, 0), items(0, 0))[0]?.verdict).toBe('undecided');
  });

  it('refuses answers to other items', () => {
    const other = items(1, 1).map((item) => ({ ...item, id: `other-${item.id}` }));
    expect(() => compareTask(task, items(1, 1), other)).toThrow('item 0 is 0 and other-0');
  });
});
