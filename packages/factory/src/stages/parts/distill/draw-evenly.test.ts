import { createRandom } from '@cogumi/pure';
import { expect, it } from 'vitest';
import { drawEvenly } from './draw-evenly.ts';

const rows = Object.entries({ tools: 400, reading: 60, sense: 40 }).flatMap(([kind, count]) =>
  Array.from({ length: count }, (_, at) => ({ kind, at })),
);
const draw = (count: number) => {
  const drawn = drawEvenly(rows, ({ kind }) => kind, count, createRandom(1));
  expect(new Set(drawn).size).toBe(drawn.length);
  return Object.fromEntries([...Map.groupBy(drawn, ({ kind }) => kind)].map(([kind, own]) => [kind, own.length]));
};

it('draws the same number of each kind', () => {
  expect(draw(90)).toEqual({ tools: 30, reading: 30, sense: 30 });
});

it('gives what a small kind lacks to the others', () => {
  expect(draw(190)).toEqual({ tools: 90, reading: 60, sense: 40 });
});

it('draws all rows where more are wanted', () => {
  expect(draw(1000)).toEqual({ tools: 400, reading: 60, sense: 40 });
  expect(drawEvenly([], String, 5, createRandom(1))).toEqual([]);
});
