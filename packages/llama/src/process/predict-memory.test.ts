import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { MemoryNeed } from '../types/model.ts';
import { openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
beforeAll(async () => {
  files = await storiesFolder();
});
afterAll(() => files.remove());

/** Resident bytes of a process. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** The model's process that this process has started and that is not open yet. */
function startedPid(): number {
  const started = readdirSync('/proc').filter((name) => {
    try {
      const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('model-process');
    } catch {
      return false;
    }
  });
  expect(started).toHaveLength(1);
  return Number(started[0]);
}

describe('the memory of a model', () => {
  it('is what was predicted before, within a tenth', async () => {
    let need: MemoryNeed | null = null;
    let before = 0;
    const host = await openModel({
      modelPath: files.modelPath,
      threads: 1,
      fit: async (needOf) => {
        need = await needOf(128);
        before = residentBytes(startedPid());
        return { sequences: 128 };
      },
    });
    const grown = residentBytes(host.pid) - before;
    await host.close();
    const { weights, adapters, cache, compute } = need as unknown as MemoryNeed;
    // 5 layers, 512 cells, keys and values of 32 numbers with 16 bits: 320 KiB for each sequence and the spare one.
    // llama.cpp logs hundredths of a MiB.
    expect(Math.abs(cache / 2 ** 20 - (129 * 320) / 1024)).toBeLessThan(0.0051);
    expect(Math.abs((weights + adapters + cache + compute) / grown - 1)).toBeLessThan(0.1);
  });

  it('counts adapters twice where mixed passes stack them', async () => {
    const adapters = Object.fromEntries(
      await Promise.all(
        [1, 2].map(async (seed) => [`a${seed}`, await files.write(`${seed}.gguf`, randomLora(seed).file)] as const),
      ),
    );
    const needs: number[] = [];
    for (const mixing of [false, true]) {
      const host = await openModel({
        modelPath: files.modelPath,
        adapters,
        mixing,
        fit: async (needOf) => {
          needs.push((await needOf(2)).adapters);
          return { sequences: 2 };
        },
      });
      await host.close();
    }
    // 5 layers with two pairs of [4, 64] and [64, 4] numbers of 32 bits, in two adapters.
    expect(needs).toEqual([2 * 5 * 2 * 2 * 256 * 4, 2 * 2 * 5 * 2 * 2 * 256 * 4]);
  });

  it('is refused by a caller that finds it too large, and the process ends', async () => {
    const refusal = new RangeError('too large');
    const opened = openModel({
      modelPath: files.modelPath,
      fit: async (needOf) => {
        expect((await needOf(3)).weights).toBeGreaterThan(1_000_000);
        throw refusal;
      },
    });
    await expect(opened).rejects.toBe(refusal);
  });
});
