import type { Comparison, Score, TaskSummary } from '@cogumi/evals';
import { markdownTable } from '../terminal/markdown-table.ts';
import { printable } from '../terminal/style.ts';

const HEADS = ['task', 'shots', 'metric', 'items', 'right', 'score', '95% interval', 'least difference'];

const COMPARED = ['task', 'ratio', 'metric', '95% interval', 'only first', 'only second', 'the first is'];

/**
 * The scores of one model or two as tables in Markdown, which a terminal shows as well; each task with its groups below it where it has several.
 *
 * @param comparisons - Of the first model with the second.
 */
export function describeEval(
  models: readonly { readonly name: string; readonly tasks: readonly TaskSummary[] }[],
  comparisons: readonly Comparison[] = [],
): string {
  const scored = models.flatMap(({ name, tasks }) => [`# ${printable(name)}`, '', ...scoreTable(tasks), '']);
  const note =
    'Least difference: to another model on as many other questions, so that it is seen in four of five cases.';
  if (comparisons.length === 0) return [...scored, note].join('\n');
  const rows = comparisons.map(({ task, metric, ratio, interval: [low, high], onlyOurs, onlyTheirs, verdict }) => [
    ...[printable(task), ratio.toFixed(2), metric, `${low.toFixed(2)} to ${high >= 1e4 ? 'any' : high.toFixed(2)}`],
    ...[String(onlyOurs), String(onlyTheirs), verdict],
  ]);
  const names = models.map(({ name }) => printable(name)).join(' against ');
  return [
    ...scored,
    `# ${names}, on the same questions`,
    '',
    ...markdownTable([COMPARED, ...rows], isText),
    '',
    note,
  ].join('\n');
}

function scoreTable(summaries: readonly TaskSummary[]): string[] {
  const rows = summaries.flatMap(({ task, shots, scores, groups }) => [
    ...scores.map((score) => row(task, shots, score)),
    ...Object.entries(Object.keys(groups).length > 1 ? groups : {}).flatMap(([group, own]) =>
      own.map((score) => row(`- ${group}`, shots, score)),
    ),
  ]);
  return markdownTable([HEADS, ...rows], isText);
}

function row(task: string, shots: number, { metric, items, right, value, interval, leastDifference }: Score): string[] {
  const [low, high] = interval;
  return [
    ...[printable(task), String(shots), metric, String(items), String(Number(right.toFixed(1)))],
    ...[percent(value), `${percent(low)} to ${percent(high)}`, percent(leastDifference)],
  ];
}

const percent = (share: number) => `${(share * 100).toFixed(1)}%`;

const isText = (column: number) => column === 0 || column === 2;
