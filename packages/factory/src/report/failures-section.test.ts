import { describe, expect, it } from 'vitest';
import { failuresSection } from './failures-section.ts';
import { wholeRun } from './testing/whole-run.ts';

describe('failuresSection', () => {
  it('tells what was right as asked, right in prose, and cut, with the limit', () => {
    const [evaluation] = wholeRun().evaluations;
    const all = { questions: 9, correct: 5, accuracy: 5 / 9, interval: [0.2, 0.8] as [number, number] };
    const scored = { ...all, inProse: 2, failures: { cut: 3, refused: 1 } };
    const scores = { all: scored, byDomain: { tool_use: { all: scored } }, unmeasured: 0 };
    const page = failuresSection({ evaluations: [{ ...evaluation!, scores }] }).text;
    expect(page).toContain('cut at 48 tokens</th>');
    expect(
      page
        .match(/<t[dh][^>]*>([^<]*)<\/t[dh]>/g)!
        .slice(8)
        .map((cell) => cell.replace(/<[^>]*>/g, '')),
    ).toEqual(['tool use', 'base', '3', '2', '·', '·', '3', '1']);
  });

  it('says nothing of answers that were judged as they stand', () => {
    const [evaluation] = wholeRun().evaluations;
    const all = { questions: 9, correct: 5, accuracy: 5 / 9, interval: [0.2, 0.8] as [number, number] };
    const scores = { all, byDomain: { coding: { all } }, unmeasured: 0 };
    expect(failuresSection({ evaluations: [{ ...evaluation!, scores }] }).text).toBe('');
  });
});
