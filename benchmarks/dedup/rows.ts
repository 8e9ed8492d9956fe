import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createRandom, type Random } from '../../packages/pure/src/random/random.ts';
import { readRecords } from '../curate/real-rows.ts';

/** Share of words replaced in each copy after the first. */
const CHANGES = [0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2];

type AlpacaRecord = Readonly<Record<'instruction' | 'input' | 'output', string>>;

/** Alpaca's records, unchanged. */
export const alpacaRecords = () => readRecords('alpaca/alpaca_cleaned.jsonl.gz') as AlpacaRecord[];

/** Alpaca's rows as texts of question, input and answer. */
export function alpacaTexts(take = Infinity): string[] {
  return alpacaRecords()
    .slice(0, take)
    .map(({ instruction, input, output }) => [instruction, input, output].filter((part) => part !== '').join('\n'));
}

/** Those rows repeated `times` times: first unchanged, then with more and more words replaced. */
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

/** Words that replace others. */
export const wordsOf = (texts: readonly string[]): string[] => texts.slice(0, 200).join(' ').split(/\s+/);

/** Replaces a share of the words of a text. */
export function perturb(text: string, share: number, words: readonly string[], random: Random): string {
  return text
    .split(' ')
    .map((word) => (random.next() < share ? random.pick(words) : word))
    .join(' ');
}

/** Writes rows, a JSON string a line, in parts: all of them may exceed the longest string. */
export function writeRows(path: string, rows: readonly string[]): void {
  const file = openSync(path, 'w');
  for (let at = 0; at < rows.length; at += 10_000) {
    const lines = rows.slice(at, at + 10_000).map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(file, lines.join(''));
  }
  closeSync(file);
}
