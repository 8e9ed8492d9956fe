import type { Score, TaskSummary } from '@cogumi/evals';
import { printable } from '../terminal/style.ts';

const HEADS = ['task', 'shots', 'metric', 'items', 'right', 'score', '95% interval', 'least difference'];

/**
 * The scores as a table in Markdown, which a terminal shows as well.
 *
 * @param summaries - Each task, with its groups below it where there are several.
 */
export function describeEval(name: string, summaries: readonly TaskSummary[]): string {
  const rows = summaries.flatMap(({ task, shots, scores, groups }) => [
    ...scores.map((score) => row(task, shots, score)),
    ...Object.entries(Object.keys(groups).length > 1 ? groups : {}).flatMap(([group, own]) =>
      own.map((score) => row(`- ${group}`, shots, score)),
    ),
  ]);
  return [
    `# ${printable(name)}`,
    '',
    ...table([HEADS, ...rows]),
    '',
    'Least difference: to another model on as many other questions, so that it is seen in four of five cases.',
  ].join('\n');
}

function row(task: string, shots: number, { metric, items, right, value, interval, leastDifference }: Score): string[] {
  const [low, high] = interval;
  return [
    ...[printable(task), String(shots), metric, String(items), String(right)],
    ...[percent(value), `${percent(low)} to ${percent(high)}`, percent(leastDifference)],
  ];
}

const percent = (share: number) => `${(share * 100).toFixed(1)}%`;

function table(rows: readonly (readonly string[])[]): string[] {
  const [heads = [], ...body] = rows;
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell[isText(column) ? 'padEnd' : 'padStart'](widths[column] as number)).join(' | ')} |`;
  const rule = widths.map((width, column) => (isText(column) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`));
  return [line(heads), `|${rule.join('|')}|`, ...body.map(line)];
}

const isText = (column: number) => column === 0 || column === 2;
