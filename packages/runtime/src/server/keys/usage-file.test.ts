import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CogumiError } from '@cogumi/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.ts';
import { openUsageFile } from './usage-file.ts';

const HOUR_MS = 3_600_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usage-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A server's start: ann may use 2,400 tokens a day, bob as many as he likes. */
async function start(path: string, clock: { ms: number }) {
  const keys = new KeyRing([
    { name: 'ann', sha256: 'a'.repeat(64), tokensPerDay: 2400 },
    { name: 'bob', sha256: 'b'.repeat(64) },
  ]);
  const problems: CogumiError[] = [];
  const file = await openUsageFile(
    path,
    keys,
    (error) => problems.push(error),
    () => clock.ms,
  );
  const [ann, bob] = keys.clients as [(typeof keys.clients)[0], (typeof keys.clients)[0]];
  return { file, ann, bob, problems };
}

describe('what keys have used of their day', () => {
  it('survives a restart, is freed evenly meanwhile, and not by a clock that is set back', async () => {
    const path = join(folder, 'day.json');
    const clock = { ms: 1e12 };
    const first = await start(path, clock);
    first.ann.useTokens(1200);
    first.bob.useTokens(1e6);
    await first.file.close();
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('ann');
    expect(Object.keys(JSON.parse(text))).toHaveLength(1);

    clock.ms -= 24 * HOUR_MS;
    expect((await start(path, clock)).ann.usedOfDay).toBeCloseTo(1200, 0);
    clock.ms += 27 * HOUR_MS;
    const later = await start(path, clock);
    // 100 an hour.
    expect(later.ann.usedOfDay).toBeCloseTo(900, 0);
    expect(later.problems).toEqual([]);
    later.ann.useTokens(1600);
    expect(() => later.ann.begin()).toThrow('at its limit of 2400 tokens a day');
  });

  it('stays with a key that is missing for a moment, as while its file is written', async () => {
    const path = join(folder, 'moment.json');
    const clock = { ms: 1e12 };
    const ann = { name: 'ann', sha256: 'a'.repeat(64), tokensPerDay: 2400 };
    const keys = new KeyRing([ann]);
    const fail = (error: CogumiError) => expect.unreachable(error.message);
    const file = await openUsageFile(path, keys, fail, () => clock.ms);
    keys.clients[0]?.useTokens(2400);
    keys.replace([]);
    await file.save();
    keys.replace([ann]);
    await file.close();
    expect(() => keys.clients[0]?.begin()).toThrow('at its limit of 2400 tokens a day');
    expect((await start(path, clock)).ann.usedOfDay).toBeCloseTo(2400, 0);
  });

  it('is not written while nothing changes', async () => {
    const path = join(folder, 'idle.json');
    const { file } = await start(path, { ms: 1e12 });
    await file.close();
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is said once not to be written, as on a full disk, and the server goes on', async () => {
    const path = join(folder, 'taken.json');
    const clock = { ms: 1e12 };
    const { file, ann, problems } = await start(path, clock);
    // A folder in its place: renaming fails for every user.
    await mkdir(join(path, 'inside'), { recursive: true });
    ann.useTokens(10);
    await file.save();
    ann.useTokens(10);
    await file.save();
    expect(problems.map(({ code }) => code)).toEqual(['KEYS_USAGE']);
    expect(ann.usedOfDay).toBeCloseTo(20, 0);
    await rm(path, { recursive: true });
    await file.save();
    expect((await start(path, clock)).ann.usedOfDay).toBeCloseTo(20, 0);
  });

  it('begins anew, and says so, where the file is broken', async () => {
    const path = join(folder, 'broken.json');
    for (const text of ['', '{', '[]', '{"x": {"tokens": -1, "at": 0}}', '{"x": {"tokens": "1"}}']) {
      await writeFile(path, text);
      const { ann, problems } = await start(path, { ms: 1e12 });
      expect([ann.usedOfDay, problems.map(({ code }) => code)], text).toEqual([0, ['KEYS_USAGE']]);
    }
  });
});
