import type { CpuInfo } from 'node:os';
import { expect, it } from 'vitest';
import { chooseSpinCount, spinCount } from './spin-count.ts';

const core = (user: number, idle: number): CpuInfo => ({
  ...{ model: '', speed: 0 },
  times: { user, nice: 0, sys: 0, idle, irq: 0 },
});
const start = [core(500, 9000), core(100, 9400)];

it('lets threads spin where other programs leave the cores alone', () => {
  const quiet = spinCount(start, [core(510, 9190), core(105, 9595)]);
  const busy = spinCount(start, [core(700, 9000), core(120, 9580)]);
  expect(busy).toBeLessThan(quiet / 1000);
  // The same program on more cores leaves room.
  const idle = [core(0, 200), core(0, 200), core(0, 200), core(0, 200)];
  expect(spinCount([...start, ...Array(4).fill(core(0, 0))], [core(700, 9000), core(120, 9580), ...idle])).toBe(quiet);
  // Counters that have not moved tell nothing.
  expect(spinCount(start, start)).toBe(quiet);
});

it('watches the cores of this machine', async () => {
  expect(await chooseSpinCount()).toBeGreaterThanOrEqual(1000);
});
