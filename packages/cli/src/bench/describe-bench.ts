import { markdownTable } from '../terminal/markdown-table.ts';
import { bytesText } from '../terminal/style.ts';
import type { BenchFigures, Figure } from './run-bench.ts';

/** What was measured, for the heading of the table. */
export interface BenchSubject {
  readonly name: string;
  readonly threads: number;
  readonly kvCache: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly rounds: number;
  readonly processor: string;
}

/** The figures as tables in Markdown, which a terminal shows as well. Columns without any figure are left out. */
export function describeBench(subject: BenchSubject, { prompt, generation, levels }: BenchFigures): string {
  const { name, threads, kvCache, promptTokens, answerTokens, rounds, processor } = subject;
  const speed = (figure: Figure) => [number(figure.value), number(figure.other), ratio(figure)];
  return [
    `# ${name}`,
    '',
    `${threads} threads, KV cache ${kvCache}, ${processor}. Median of ${rounds} rounds, in which the programs were
measured in turn; of the ratios also the least and the most.`,
    '',
    ...table(
      ['tokens/s', 'cogumi', 'llama-bench', 'ratio'],
      [
        [`prompt of ${promptTokens}`, ...speed(prompt)],
        [`${answerTokens} generated`, ...speed(generation)],
      ],
    ),
    '',
    ...table(
      [
        'streams',
        'tokens/s',
        'llama-server',
        'ratio',
        'first token',
        'llama-server',
        'added',
        'memory',
        'llama-server',
      ],
      levels.map(({ streams, tokensPerSecond, firstTokenMs, memoryBytes }) => [
        String(streams),
        ...speed(tokensPerSecond),
        ms(firstTokenMs.value),
        ms(firstTokenMs.other),
        ms(difference(firstTokenMs)),
        bytes(memoryBytes.value),
        bytes(memoryBytes.other),
      ]),
    ),
  ].join('\n');
}

const difference = ({ value, other }: Figure) => (value === null || other === null ? null : value - other);
const NONE = '–';
const number = (value: number | null) => (value === null ? NONE : value.toFixed(value < 100 ? 1 : 0));
/** The median, and the rounds between which it lies. */
const ratio = ({ ratio: of }: Figure) =>
  of === null ? NONE : `${of.median.toFixed(2)} (${of.least.toFixed(2)}–${of.most.toFixed(2)})`;
const ms = (value: number | null) => (value === null ? NONE : `${value.toFixed(1)} ms`);
const bytes = (value: number | null) => (value === null ? NONE : bytesText(value));

/** Columns without any figure are left out. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const kept = heads.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== NONE));
  return markdownTable([heads, ...rows].map((row) => kept.map((column) => row[column] as string)));
}
