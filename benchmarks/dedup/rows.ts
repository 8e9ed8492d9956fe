import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createRandom, type Random } from '../../packages/pure/src/random/random.ts';
import { readRecords } from '../curate/real-rows.ts';

/** Share of words replaced in each copy after the first. */
const CHANGES = [0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2];

type AlpacaRecord = Readonly<Record<'instruction' | 'input' | 'output', string>>;

/** Alpaca's records as they are. */
export const alpacaRecords = () => readRecords('alpaca/alpaca_cleaned.jsonl.gz') as AlpacaRecord[];

/** Alpaca's rows as texts: question, input and answer. */
export function alpacaTexts(take = Infinity): string[] {
  return alpacaRecords()
    .slice(0, take)
    .map(({ instruction, input, output }) => [instruction, input, output].filter((part) => part !== '').join('\n'));
}

/** Those rows `times` over: the first as they are, the copies with ever more words replaced. */
export function makeRows(times: number, take = Infinity): string[] {
  const texts = alpacaTexts(take);
  const random = createRandom('benchmarks/dedup');
  const words = wordsOf(texts);
  const copies = Array.from({ length: times - 1 }, (_, copy) => {
    const share = CHANGES[copy % CHANGES.length] as number;
    return texts.map((text) => perturb(text, share, words, random));
  });
  return [...texts, ...copies.flat()];
}

/** What replaces others. */
export const wordsOf = (texts: readonly string[]): string[] => texts.slice(0, 200).join(' ').split(/\s+/);

/** The text with that share of its words replaced by others. */
export function perturb(text: string, share: number, words: readonly string[], random: Random): string {
  return text
    .split(' ')
    .map((word) => (random.next() < share ? random.pick(words) : word))
    .join(' ');
}

/** Writes rows for others to read, a JSON string a line: all of them may be longer than a string can be. */
export function writeRows(path: string, rows: readonly string[]): void {
  const file = openSync(path, 'w');
  for (let at = 0; at < rows.length; at += 10_000) {
    const lines = rows.slice(at, at + 10_000).map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(file, lines.join(''));
  }
  closeSync(file);
}
