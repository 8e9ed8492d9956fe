import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../open-model-file.ts';
import { tinyAdapter, tinyModel } from '../testing/index.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-decisions-'));
  path = join(folder, 'tiny.gguf');
  await writeFile(path, await tinyModel());
  await writeFile(join(folder, 'code.gguf'), tinyAdapter(1));
});
afterAll(() => rm(folder, { recursive: true }));

const cache = () => join(folder, 'cache');
const open = (options = {}) =>
  openModelFile(path, { code: join(folder, 'code.gguf') }, { cache: cache(), contextTokens: 64, ...options });

/** What was kept, for each way in which the model was opened. */
async function kept() {
  const paths = (await readdir(join(cache(), 'decisions'))).map((name) => join(cache(), 'decisions', name));
  return Promise.all(paths.map(async (path) => ({ path, found: JSON.parse(await readFile(path, 'utf8')) })));
}

/** Opens the model, waits until all is measured, and closes it. @returns What was measured then, and what was not at first. */
async function measureAll() {
  const runtime = await open();
  const first = runtime.measured!.unmeasured;
  await expect.poll(async () => (await runtime.statistics())?.unmeasured, { interval: 50 }).toEqual([]);
  const measured = runtime.measured!;
  await runtime.close();
  // What was measured last is written last, and a moment later.
  const { mixing, speculation } = measured;
  const own = expect.objectContaining({ found: expect.objectContaining({ mixing, speculation }) });
  await expect.poll(kept).toContainEqual(own);
  return { first, measured };
}

describe('what was measured of a model', () => {
  it('is taken by the next server, as long as files and options are the same', async () => {
    const { first, measured } = await measureAll();
    expect(first).toEqual(expect.arrayContaining(['mixing', 'speculation']));
    const all = await kept();
    expect(all).toHaveLength(1);
    for (const { path: file, found } of all) {
      expect(Object.keys(found.needs)).toEqual(['4']);
      // The prediction that was kept is taken.
      found.needs[4].compute = 12_345;
      await writeFile(file, JSON.stringify(found));
    }
    const again = await open();
    expect(again.load.need).toMatchObject({ compute: 12_345 });
    const { mixing, speculation } = measured;
    expect(again.measured).toMatchObject({ mixing, speculation });
    // Threads are measured again where other work wanted the cores.
    expect(['', 'threads']).toContain(again.measured?.unmeasured.join());
    await again.close();

    const other = await open({ sequences: 2 });
    expect(other.measured?.unmeasured).toContain('mixing');
    await other.close();

    await utimes(path, 1000, 1000);
    const changed = await open();
    expect(changed.measured?.unmeasured).toContain('mixing');
    await changed.close();
  });

  it('is measured again where what was kept is damaged', async () => {
    await measureAll();
    for (const { path: file, found } of await kept())
      await writeFile(file, JSON.stringify({ ...found, mixing: { used: 'yes' } }));
    const damaged = await open();
    expect(damaged.measured).toMatchObject({ mixing: { used: false }, unmeasured: expect.arrayContaining(['mixing']) });
    await damaged.close();
  });
});
