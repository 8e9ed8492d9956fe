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

/** Opens the model, waits until all is measured, and closes it. @returns What was measured then, and what was not at first. */
async function measureAll() {
  const runtime = await open();
  const first = runtime.measured!.unmeasured;
  await expect.poll(async () => (await runtime.statistics())?.unmeasured, { interval: 50 }).toEqual([]);
  const measured = runtime.measured!;
  await runtime.close();
  return { first, measured };
}

describe('what was measured of a model', () => {
  it('is taken by the next server, as long as files and options are the same', async () => {
    const { first, measured } = await measureAll();
    expect(first).toEqual(expect.arrayContaining(['mixing', 'speculation']));
    const decisions = join(cache(), 'decisions');
    await expect.poll(() => readdir(decisions)).toHaveLength(1);
    const [name] = await readdir(decisions);
    const kept = JSON.parse(await readFile(join(decisions, name!), 'utf8'));
    expect(Object.keys(kept.needs)).toEqual(['4']);
    // The prediction that was kept is taken.
    kept.needs[4].compute = 12_345;
    await writeFile(join(decisions, name!), JSON.stringify(kept));
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

    await utimes(path, new Date(), new Date());
    const changed = await open();
    expect(changed.measured?.unmeasured).toContain('mixing');
    await changed.close();
  });

  it('is measured again where what was kept is damaged', async () => {
    await measureAll();
    const decisions = join(cache(), 'decisions');
    for (const name of await readdir(decisions)) {
      const kept = JSON.parse(await readFile(join(decisions, name), 'utf8'));
      await writeFile(join(decisions, name), JSON.stringify({ ...kept, mixing: { used: 'yes' } }));
    }
    const damaged = await open();
    expect(damaged.measured).toMatchObject({ mixing: { used: false }, unmeasured: expect.arrayContaining(['mixing']) });
    await damaged.close();
  });
});
