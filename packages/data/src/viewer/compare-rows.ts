import { diffWords, type Segment } from './diff-words.ts';
import type { Fields } from './parse-row.ts';

export interface Comparison {
  readonly field: string;
  readonly canonical: readonly Segment[];
  readonly row: readonly Segment[];
}

/** Compares two rows field by field and marks the words that differ. */
export function compareRows(canonical: Fields, row: Fields): Comparison[] {
  return FIELDS.flatMap(([field, read]) => {
    const [theirs, mine] = [read(canonical), read(row)];
    if (theirs === '' && mine === '') return [];
    const { left, right } = diffWords(theirs, mine);
    return [{ field, canonical: left, row: right }];
  });
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function turnsOf(turns: unknown): string {
  if (!Array.isArray(turns)) return '';
  return turns.map((turn: Fields | null) => `${text(turn?.role)}: ${text(turn?.content)}`).join('\n');
}

const FIELDS: readonly [string, (fields: Fields) => string][] = [
  ['earlier turns', ({ history }) => turnsOf(history)],
  ['question', ({ question }) => text(question)],
  ['steps', ({ steps }) => turnsOf(steps)],
  ['answer', ({ answer }) => text(answer)],
  ['text', (fields) => text(fields.text)],
];
