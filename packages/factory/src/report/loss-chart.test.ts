import { describe, expect, it } from 'vitest';
import { lossChart } from './loss-chart.ts';
import type { LossPoint } from './read-run.ts';

const curve = (kind: string, count: number): LossPoint[] =>
  Array.from({ length: count }, (_, step) => ({ step, kind, loss: 1 + 1 / (step + 1) }));
const draw = (train: number, validation: number) =>
  lossChart({ train: curve('train', train), validation: curve('validation', validation) }, 'train').text;
const dots = (text: string) => text.match(/<circle/g)?.length ?? 0;
const points = (text: string, name: string) =>
  new RegExp(`class="curve ${name}" d="([^"]*)"`).exec(text)?.[1]?.match(/[ML]/g)?.length ?? 0;

describe('lossChart', () => {
  it('draws each of few validations with a dot', () => {
    expect(dots(draw(0, 1))).toBe(1);
    expect(dots(draw(90, 10))).toBe(10);
  });

  it('draws many validations as a line with one dot at its end', () => {
    const text = draw(5000, 200);
    expect(dots(text)).toBe(1);
    expect(points(text, 'validation')).toBe(200);
  });

  it('averages a curve of more steps than the chart has room for', () => {
    const drawn = points(draw(10_000, 2), 'train');
    expect(drawn).toBeGreaterThan(300);
    expect(drawn).toBeLessThanOrEqual(680);
    expect(points(draw(680, 2), 'train')).toBe(680);
  });

  it('leaves out losses that are not finite, and draws nothing where none is left', () => {
    const broken = [{ step: 1, kind: 'train', loss: Number.NaN }];
    expect(lossChart({ train: broken, validation: [] }, 'train').text).toBe('');
    expect(points(lossChart({ train: [...broken, ...curve('train', 3)], validation: [] }, 't').text, 'train')).toBe(3);
  });
});
