import { describe, expect, it } from 'vitest';
import { describeEval } from './describe-eval.ts';

const score = (metric: string, right: number, items: number) => ({
  ...{
    metric,
    items,
    right,
    value: right / items,
    interval: [0.1, 0.312] as const,
    standardError: null,
    leastDifference: 0.25,
  },
});

describe('describeEval', () => {
  it('is a table with each group below its task', () => {
    const summary = {
      ...{ task: 'mmlu', harness: null, shots: 5, scores: [score('acc', 3, 12)] },
      groups: { anatomy: [score('acc', 1, 6)], virology: [score('acc', 2, 6)] },
    };
    expect(
      describeEval([{ name: 'tiny\u001b', tasks: [summary] }])
        .split('\n')
        .slice(0, 7),
    ).toEqual([
      '# tiny�',
      '',
      '| task       | shots | metric | items | right | score |   95% interval | least difference |',
      '|------------|------:|--------|------:|------:|------:|---------------:|-----------------:|',
      '| mmlu       |     5 | acc    |    12 |     3 | 25.0% | 10.0% to 31.2% |            25.0% |',
      '| - anatomy  |     5 | acc    |     6 |     1 | 16.7% | 10.0% to 31.2% |            25.0% |',
      '| - virology |     5 | acc    |     6 |     2 | 33.3% | 10.0% to 31.2% |            25.0% |',
    ]);
  });

  it('leaves out the group of a task that has one alone', () => {
    const summary = {
      task: 'x',
      harness: null,
      shots: 0,
      scores: [score('acc', 1, 2)],
      groups: { one: [score('acc', 1, 2)] },
    };
    expect(describeEval([{ name: 'm', tasks: [summary] }])).not.toContain('- one');
  });

  it('sets two models side by side', () => {
    const tasks = [{ task: 'x', harness: null, shots: 0, scores: [score('acc', 1, 2)], groups: {} }];
    const comparison = {
      ...{ task: 'x', metric: 'acc', items: 2, both: 0, onlyOurs: 1, onlyTheirs: 0, ratio: 1 },
      ...{ interval: [0.02, 1e4] as const, verdict: 'undecided' as const },
    };
    const text = describeEval(
      ['one', 'two'].map((name) => ({ name, tasks })),
      [comparison],
    );
    expect(text).toContain('# one against two, on the same questions');
    expect(text).toContain('| x    |  1.00 | acc    |  0.02 to any |          1 |           0 |    undecided |');
  });
});
