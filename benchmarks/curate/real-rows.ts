import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sharedData } from '../../packages/pure/src/testing/shared-data.ts';

export interface Pair {
  readonly question: string;
  readonly answer: string;
}

/** Records of a JSON or JSON Lines file of the test data, plain or gzip. */
export function readRecords(path: string): Record<string, unknown>[] {
  const bytes = readFileSync(sharedData(path));
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  if (text.trimStart().startsWith('[')) return JSON.parse(text);
  if (!path.includes('.jsonl')) return (JSON.parse(text) as { examples: Record<string, unknown>[] }).examples;
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Instruction sets of Alpaca's form as pairs. */
export function readAlpaca(path: string): Pair[] {
  return readRecords(path).map(({ instruction, input, output }) => ({
    question: input ? `${instruction}\n${input}` : String(instruction),
    answer: String(output),
  }));
}

/** Pairs by the fields that hold question and answer. */
export function readPairs(path: string, question: string, answer: string): Pair[] {
  return readRecords(path).map((record) => ({ question: String(record[question]), answer: String(record[answer]) }));
}
