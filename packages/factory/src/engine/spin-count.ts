import { type CpuInfo, cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** 0.2 s of spinning. A small model has short pauses between its matrix products (measured: 4,250 instead of 2,500 tokens/s). */
const QUIET = 2e7;
/** A few microseconds. On 2 cores at a load of 7 a thread that spun for 0.2 s kept the others from the core that it waited for
 * (measured: 117 tokens/s, 1,107 with this count, 564 without any spinning; docs/log.md). */
const BUSY = 1000;
/** Share of the cores that other programs use, above which a spinning thread would stand in their way and its own (chosen: half a
 * core of two). */
const BUSY_SHARE = 0.25;
/** How long the cores are watched (chosen). Their counters move in steps of 10 ms. */
const WATCH_MS = 200;

/**
 * How often an OpenMP thread of PyTorch looks for work before it sleeps (`GOMP_SPINCOUNT`), by what other programs use of the
 * cores now. The load of the last minute would not do: it holds the build's own stages.
 */
export async function chooseSpinCount(): Promise<number> {
  const before = cpus();
  await setTimeout(WATCH_MS);
  return spinCount(before, cpus());
}

/** @param before - Times of all cores; `after`: the same, later. */
export function spinCount(before: readonly CpuInfo[], after: readonly CpuInfo[]): number {
  const sum = (cores: readonly CpuInfo[], idle: boolean) =>
    cores.reduce(
      (whole, { times }) => whole + (idle ? times.idle : Object.values(times).reduce((a, b) => a + b, 0)),
      0,
    );
  const whole = sum(after, false) - sum(before, false);
  const idle = sum(after, true) - sum(before, true);
  return whole > 0 && 1 - idle / whole > BUSY_SHARE ? BUSY : QUIET;
}
