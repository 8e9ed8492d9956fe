import { expect, it } from 'vitest';
import { layersTable } from './layers-table.ts';

const layer = (at: number, right: number) => ({
  layer: at,
  kinds: { known: { right, prompts: 9 }, '<new>': { right: 4, prompts: 5 } },
});

it('shows what each layer routes right, and which one was taken', () => {
  const { text } = layersTable({ layer: 3, layers: [layer(3, 8), layer(7, 9)] });
  expect(text).toContain('3, taken');
  expect(text).not.toContain('7, taken');
  expect(text).toMatch(/class="number strong">8 of 9<.*class="number">9 of 9</s);
  expect(text).toContain('&lt;new&gt;');
});

it('shows nothing where there was no choice', () => {
  expect(layersTable({ layer: 3, layers: [layer(3, 8)] }).text).toBe('');
  expect(layersTable({ layer: undefined, layers: [] }).text).toBe('');
});
