import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactKind, BuildEvent } from '@cogumi/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../artifacts/store.ts';
import { cleanStore, findUnused } from './clean-store.ts';
import { lockStore } from './store-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-clean-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A key that begins with a digit of its own. */
const keyOf = (digit: string) => digit.repeat(64);

async function artifact(digit: string, kind: ArtifactKind, parents: string[] = []): Promise<string> {
  const store = await openStore(folder);
  const key = keyOf(digit);
  await writeFile(join(await store.begin(key, false), 'file'), digit);
  const inputs = Object.fromEntries(parents.map((parent) => [parent, keyOf(parent)]));
  const rest = { stageVersion: 1, options: {}, engine: null, gates: [], facts: {} };
  await store.finish({ key, kind, stage: kind, inputs, ...rest });
  return key;
}

const unfinished = async (digit: string) => (await openStore(folder)).begin(keyOf(digit), true);

/** A run that began the stages with these keys and, where it is told, ended. */
async function run(
  id: string,
  recipe: string,
  keys: string[],
  { make = 'bundle', outcome }: { make?: string; outcome?: 'done' | 'failed' } = {},
): Promise<void> {
  const at = 0;
  const events: BuildEvent[] = [
    { event: 'build-start', at, run: id, recipe, stages: keys, chapters: {}, inputs: {} },
    ...keys.map((key): BuildEvent => ({ event: 'stage-start', at, stage: key, key: keyOf(key) })),
  ];
  if (outcome) {
    const made = { peakMemoryBytes: null, bundle: null, digest: null, domains: [] };
    events.push({ event: 'build-end', at, outcome, elapsedMs: 1, ...made });
  }
  const place = join(folder, 'runs', id);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'recipe.json'), JSON.stringify({ name: recipe, make }));
  await writeFile(join(place, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

const unused = async () => (await findUnused(folder)).map(({ folder: name }) => name.replace(/^(.)\1{63}/, '$1'));

describe('findUnused', () => {
  it('keeps validated bundles and all they were made from', async () => {
    await artifact('1', 'model');
    await artifact('2', 'bundle', ['1']);
    await artifact('3', 'validation', ['2']);
    await artifact('4', 'model');
    await unfinished('5');
    expect(await unused()).toEqual(['4', '5.partial']);
  });

  it('keeps what the newest run of each recipe names, finished or at work, and what that was made from', async () => {
    await artifact('0', 'rows');
    await artifact('1', 'model', ['0']);
    await unfinished('2');
    await artifact('3', 'model');
    await unfinished('4');
    await artifact('5', 'questions');
    await run('20250101-a', 'a', ['3', '4'], { outcome: 'failed' });
    await run('20250102-a', 'a', ['1', '2']);
    await run('20250101-b', 'b', ['5'], { outcome: 'failed' });
    // Ended before its first stage: it says nothing.
    await run('20250103-b', 'b', [], { outcome: 'failed' });
    expect(await unused()).toEqual(['3', '4.partial']);
  });

  it('keeps the results of recipes that make a model, which no bundle validates', async () => {
    for (const digit of ['1', '2', '3', '4']) await artifact(digit, 'model');
    await run('20250101-m', 'm', ['1'], { make: 'model', outcome: 'done' });
    await run('20250102-m', 'm', ['2'], { make: 'model', outcome: 'failed' });
    await run('20250103-m', 'm', ['3'], { make: 'model', outcome: 'done' });
    expect(await unused()).toEqual(['2', '4']);
  });

  it('shows what is damaged or left over, whoever names it, and its removal works', async () => {
    const damaged = await artifact('1', 'model');
    await writeFile(join(folder, 'artifacts', damaged, 'manifest.json'), '{"schema":1');
    await mkdir(join(folder, 'artifacts', keyOf('2')));
    await mkdir(join(folder, 'artifacts', `${keyOf('3')}.removed`));
    await run('20250101-a', 'a', ['1', '2', '3']);
    expect((await findUnused(folder)).map(({ stage }) => stage)).toEqual(['unreadable', 'leftover', 'leftover']);
    // What ARTIFACT_UNREADABLE tells to type.
    await cleanStore(folder, damaged.slice(0, 12));
    expect(await unused()).toEqual(['2', '3.removed']);
    await cleanStore(folder);
    expect(await readdir(join(folder, 'artifacts'))).toEqual([]);
  });

  it('finds one artifact by the start of its key, used or not', async () => {
    const key = await artifact('1', 'validation');
    expect(await findUnused(folder, key.slice(0, 8))).toEqual([{ key, folder: key, stage: 'validation', bytes: 1 }]);
  });

  it('refuses a start that is none, fits nothing or fits several, which it names', async () => {
    const key = await artifact('1', 'rows');
    const near = `${key.slice(0, 63)}2`;
    await mkdir(join(folder, 'artifacts', `${near}.partial`));
    for (const start of ['', '1111111', '../artifacts', 'ABCDEF00', `${key}1`]) {
      await expect(cleanStore(folder, start), start).rejects.toMatchObject({ code: 'KEY_INVALID', exitCode: 3 });
    }
    await expect(cleanStore(folder, '22222222')).rejects.toMatchObject({ code: 'KEY_UNKNOWN', exitCode: 3 });
    await expect(cleanStore(folder, '11111111')).rejects.toMatchObject({
      code: 'KEY_AMBIGUOUS',
      exitCode: 3,
      message: `2 keys begin with 11111111: ${key}, ${near}.`,
    });
    expect(await readdir(join(folder, 'artifacts'))).toHaveLength(2);
  });
});

describe('cleanStore', () => {
  it('removes what it tells, and unfinished work apart from the artifact of the same key', async () => {
    await artifact('1', 'validation');
    await artifact('2', 'rows');
    await unfinished('3');
    expect((await cleanStore(folder)).map(({ key }) => key[0])).toEqual(['2', '3']);
    expect(await readdir(join(folder, 'artifacts'))).toEqual([keyOf('1')]);
  });

  it('waits for no build and disturbs none', async () => {
    await artifact('1', 'rows');
    const unlock = await lockStore(folder);
    await expect(cleanStore(folder)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect(await unused()).toEqual(['1']);
    await unlock();
    await cleanStore(folder);
    expect(await unused()).toEqual([]);
    // It leaves no lock behind, whether it worked or not.
    await expect(cleanStore(folder, 'x')).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await (await lockStore(folder))();
  });
});
