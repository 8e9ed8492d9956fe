import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { writeWideHeads } from '../testing/wide-heads.ts';
import { isMeasurablyMore, measureKvCache } from './measure-kv-cache.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kv-cache-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('measureKvCache', () => {
  it('finds q8_0 closer to f16 than q4_0, and leaves nothing behind', async () => {
    const modelPath = join(folder, 'model.gguf');
    await writeWideHeads(modelPath);
    const work = await mkdtemp(join(folder, 'work-'));
    const [eight, four] = [
      await measureKvCache({ modelPath, threads: 1 }, 'q8_0', { folder: work }),
      await measureKvCache({ modelPath, threads: 1 }, 'q4_0', { folder: work }),
    ];
    expect(eight.cache.divergence).toBeGreaterThan(0);
    expect(four.cache.divergence).toBeGreaterThan(10 * eight.cache.divergence);
    expect(four.rounding).toEqual(eight.rounding);
    expect(eight.cache.top1).toBeGreaterThanOrEqual(four.cache.top1);
    expect(eight.positions).toBeGreaterThan(100);
    expect(await readdir(work)).toEqual([]);
  });

  it('refuses a model whose heads are too small before it is loaded', async () => {
    const files = await storiesFolder();
    await expect(measureKvCache({ modelPath: files.modelPath, threads: 1 }, 'q8_0')).rejects.toMatchObject({
      code: 'KV_CACHE_TYPE',
    });
    await files.remove();
  });
});

describe('isMeasurablyMore', () => {
  it('needs the whole interval of the mean difference above 0', () => {
    const zeros = new Float64Array(100);
    const alternating = Float64Array.from(zeros, (_, at) => (at % 2 === 0 ? 1 : -0.9)); // mean 0.05, standard error 0.095
    expect(isMeasurablyMore(alternating, zeros)).toBe(false);
    expect(
      isMeasurablyMore(
        alternating.map((value) => value + 0.2),
        zeros,
      ),
    ).toBe(true);
    expect(
      isMeasurablyMore(
        zeros,
        alternating.map((value) => value + 0.2),
      ),
    ).toBe(false);
  });
});
