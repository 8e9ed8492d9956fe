import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Readings } from './readings.ts';

const folder = await mkdtemp(join(tmpdir(), 'readings-'));
afterAll(() => rm(folder, { recursive: true }));
const path = join(folder, 'readings.safetensors');

const PROMPTS = [[1], [1, 2], [2, 1], [300_000, 7]];
const readingOf = (at: number) => ({ features: Float32Array.of(at, -at / 3, 1e-30), perplexity: 1 / (at + 3) });

async function written(order = PROMPTS.keys().toArray()): Promise<Readings> {
  const readings = new Readings('sha256:a', null);
  for (const at of order) readings.set(PROMPTS[at] as number[], readingOf(at));
  await readings.write(path);
  return readings;
}

describe('readings', () => {
  it('come back from a file with all their bits, and are written alike in any order', async () => {
    const { bytes } = await written();
    const file = await readFile(path);
    await written([2, 0, 3, 1]);
    expect(await readFile(path)).toEqual(file);
    expect(file.length - bytes).toBeLessThan(300);
    const again = new Readings('sha256:a', null);
    await again.addFrom(path);
    expect(PROMPTS.map((prompt) => again.get(prompt))).toEqual(PROMPTS.map((_, at) => readingOf(at)));
    expect([again.get([2]), again.added]).toEqual([undefined, 0]);
  });

  it('of another base are not found', async () => {
    await written();
    const other = new Readings('sha256:b', null);
    await other.addFrom(path);
    expect(PROMPTS.map((prompt) => other.get(prompt))).toEqual(PROMPTS.map(() => undefined));
  });

  it('of a layer say which, and are not found under another one or as those of the last hidden state', async () => {
    const readings = new Readings('sha256:a', 7);
    const reading = { features: Float32Array.of(0.1, 2), perplexity: null };
    readings.set([1, 2], reading);
    await readings.write(path);
    expect(await Readings.layerOf(path)).toBe(7);
    const found = async (layer: number) => {
      const again = new Readings('sha256:a', layer);
      await again.addFrom(path);
      return again.get([1, 2]);
    };
    expect([await found(7), await found(6)]).toEqual([reading, undefined]);
    await expect(new Readings('sha256:a', null).addFrom(path)).rejects.toThrow('a tensor is missing, not F64');
    await written();
    expect(await Readings.layerOf(path)).toBeNull();
  });

  it('refuse a damaged file', async () => {
    await written();
    await truncate(path, 200);
    await expect(new Readings('sha256:a', null).addFrom(path)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    const header = Buffer.from('{}      ');
    await writeFile(path, Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), header]));
    await expect(new Readings('sha256:a', null).addFrom(path)).rejects.toThrow('a tensor is missing, not U8');
  });
});
