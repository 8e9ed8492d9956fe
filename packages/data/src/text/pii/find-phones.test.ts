import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPii } from './find-pii.ts';

const LINES = readFileSync(new URL('./testing/numbers.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))
  .map((line) => line.replaceAll('\\n', '\n'));
const unmarked = (line: string) => line.replaceAll(/[⟦⟧]/g, '');
const wanted = (line: string) => line.match(/(?<=⟦)[^⟧]*(?=⟧)/g) ?? [];

/** A line as it is written in the file. */
const marked = (line: string) => {
  let shown = '';
  let at = 0;
  for (const { from, to } of findPii(line)) {
    shown += `${line.slice(at, from)}⟦${line.slice(from, to)}⟧`;
    at = to;
  }
  return shown + line.slice(at);
};

describe('personal data among numbers', () => {
  it('has 150 lines or more of either sort', () => {
    expect(LINES.filter((line) => wanted(line).length > 0).length).toBeGreaterThanOrEqual(150);
    expect(LINES.filter((line) => wanted(line).length === 0).length).toBeGreaterThanOrEqual(150);
  });

  it.each(LINES.map((line) => [line]))('%j', (line) => {
    expect(marked(unmarked(line))).toBe(line);
  });
});
