import { describe, expect, it } from 'vitest';
import { benchPlot } from './bench-plot.ts';
import { describeBench } from './describe-bench.ts';
import type { BenchFigures } from './run-bench.ts';

const SUBJECT = {
  name: 'a<b.gguf',
  threads: 2,
  kvCache: 'f16',
  promptTokens: 512,
  answerTokens: 128,
  rounds: 3,
  processor: 'a processor',
};
const RATIO = { median: 0.8, least: 0.75, most: 0.9 };
const level = (streams: number, other: boolean) => ({
  streams,
  tokensPerSecond: { value: 100 * streams, other: other ? 125 * streams : null, ratio: other ? RATIO : null },
  firstTokenMs: { value: 20, other: other ? 18.5 : null, ratio: other ? RATIO : null },
  memoryBytes: { value: 2 ** 28, other: other ? 2 ** 27 : null },
});
const figures = (other: boolean): BenchFigures => ({
  prompt: { value: 1234, other: null, ratio: null },
  generation: { value: 98.5, other: null, ratio: null },
  levels: [1, 8].map((streams) => level(streams, other)),
});

describe('describeBench', () => {
  it('shows both programs, their ratio and what is added to the first token', () => {
    const text = describeBench(SUBJECT, figures(true));
    expect(text).toMatch(
      /\| *8 \| *800 \| *1000 \| *0\.80 \(0\.75–0\.90\) \| *20\.0 ms \| *18\.5 ms \| *1\.5 ms \| *256\.0 MiB \| *128\.0 MiB \|/,
    );
    // llama-bench was not measured.
    expect(text).toMatch(/\| prompt of 512 \| *1234 \|\n/);
  });

  it('leaves columns out that nothing was measured for', () => {
    expect(describeBench(SUBJECT, figures(false))).not.toContain('llama-');
  });

  it('has the same number of cells in every line of a table', () => {
    const lines = describeBench(SUBJECT, figures(true))
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([4, 11]));
  });
});

describe('benchPlot', () => {
  const circles = (svg: string) =>
    [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);

  it('draws each level of each program inside the drawing, larger values higher', () => {
    const svg = benchPlot('a<b.gguf', figures(true));
    const dots = circles(svg);
    expect(dots).toHaveLength(8);
    const [, , width, height] = /viewBox="([\d. ]+)"/.exec(svg)![1]!.split(' ').map(Number) as [
      number,
      number,
      number,
      number,
    ];
    for (const [x, y] of dots) {
      expect(x! > 0 && x! < width).toBe(true);
      expect(y! > 0 && y! < height).toBe(true);
    }
    // llama-server at 1 and 8 streams, then this project's server.
    const [otherOne, otherEight, oursOne, oursEight] = dots.map(([, y]) => y as number) as [
      number,
      number,
      number,
      number,
    ];
    expect(otherEight).toBeLessThan(oursEight);
    expect(oursEight).toBeLessThan(oursOne);
    expect(otherOne).toBeLessThan(oursOne);
  });

  it('has no text of the name as markup, and no line of a program that was not measured', () => {
    const svg = benchPlot('a<b.gguf', figures(false));
    expect(svg).toContain('a&lt;b.gguf');
    expect(svg).not.toContain('llama-server');
    expect(circles(svg)).toHaveLength(4);
  });
});
