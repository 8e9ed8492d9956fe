import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOwned } from '@cogumi/pure/process';
import { sampleBundle, tarOf, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { parseCall } from './parse-call.ts';
import type { Verb } from './verb.ts';
import { VERBS } from './verbs/index.ts';

const LAUNCHER = join(import.meta.dirname, '../bin/cogumi.mjs');
const TINY = join(import.meta.dirname, '../../../recipes/tiny.yaml');
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'odd-stores-'));
  // What the verbs load counts for none of the tests: it is most of the product.
  for (const load of Object.values(VERBS)) await load();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a verb in this process. @returns What it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    const { verb } = (await VERBS[name as keyof typeof VERBS]()) as { verb: Verb };
    const { help: _, ...call } = parseCall(name, verb, args);
    await verb.run({ ...call, signal: AbortSignal.timeout(600_000) });
    return lines.join('\n');
  } finally {
    log.mockRestore();
  }
}

const READING = [['runs'], ['report'], ['clean'], ['clean', '--yes'], ['data', 'look'], ['data', 'explain', 'x']];
const all = (at: string) => readdirSync(at, { recursive: true }).sort();

describe('a verb that reads a store', () => {
  const places: Record<string, (place: string) => unknown> = {
    'is not there': () => {},
    'is an empty folder': (place) => mkdirSync(place),
    'is a folder of something else': (place) => {
      mkdirSync(join(place, 'artifacts/src'), { recursive: true });
      writeFileSync(join(place, 'package.json'), '{}');
    },
    'is a file': (place) => writeFileSync(place, ''),
    'is a link to nowhere': (place) => symlinkSync('/no/such/place', place),
  };
  it.each(Object.entries(places))('refuses one that %s by its name, and makes nothing there', async (what, make) => {
    const place = join(folder, what.replaceAll(' ', '-'));
    make(place);
    const before = all(folder);
    for (const args of READING) {
      const refused = run(args[0] as string, ...args.slice(1), '--store', place);
      await expect(refused, args.join(' ')).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringContaining(place),
      });
    }
    expect(all(folder)).toEqual(before);
  });

  it('refuses one of a newer version with both versions', async () => {
    const place = join(folder, 'newer');
    mkdirSync(place);
    writeFileSync(join(place, 'store.json'), '{"schema":99}');
    for (const args of [['runs'], ['clean'], ['clean', '--yes'], ['plan', TINY]]) {
      const refused = run(args[0] as string, ...args.slice(1), '--store', place);
      await expect(refused, args.join(' ')).rejects.toThrow(/layout 99; this version reads layout 1/);
    }
    expect(all(place)).toEqual(['store.json']);
  });
});

describe('cogumi plan', () => {
  it('makes no store', async () => {
    const place = join(folder, 'planned');
    expect(await run('plan', TINY, '--store', place)).toContain('import');
    expect(all(folder)).not.toContain('planned');
  });
});

describe('a store that cannot be made', () => {
  it.each([
    ['/proc/cogumi/store', 'no folder can be made there'],
    [`${LAUNCHER}/store`, 'a file lies in its place'],
    [LAUNCHER, 'a file lies in its place'],
  ])('is refused at once: %s', async (place, why) => {
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, '{"instruction":"Name a colour of the sky.","output":"It is blue."}\n');
    const built = run('data', 'import', rows, '--store', place);
    await expect(built).rejects.toMatchObject({ code: 'STORE_UNUSABLE', message: expect.stringContaining(why) });
  });
});

describe('a store on a disk that is read-only', () => {
  it('serves the verbs that read, and names what cannot be written', async ({ skip }: TestContext) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mount = (...options: string[]) => spawnSync('mount', [...options, 'tmpfs', disk]).status === 0;
    if (!mount('-t', 'tmpfs', '-o', 'size=512m')) return skip('needs the right to mount');
    try {
      const rows = join(disk, 'rows.jsonl');
      writeFileSync(rows, '{"instruction":"Name a colour of the sky.","output":"It is blue."}\n');
      const store = join(disk, 'store');
      await run('data', 'import', rows, '--store', store);
      expect(mount('-o', 'remount,ro')).toBe(true);
      expect(await run('runs', '--store', store)).toContain('done');
      expect(await run('clean', '--store', store)).toContain('can be removed');
      expect(await run('plan', TINY, '--store', store)).toContain('import');
      for (const args of [
        ['clean', '--yes'],
        ['data', 'import', rows],
        ['build', TINY],
      ]) {
        const refused = run(args[0] as string, ...args.slice(1), '--store', store);
        await expect(refused, args.join(' ')).rejects.toMatchObject({
          code: 'NOT_ALLOWED',
          message: expect.stringMatching(/store.* read-only/),
        });
      }
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

describe('cogumi data', () => {
  it('reads a folder, also one that holds the store', async () => {
    const place = join(folder, 'mine');
    mkdirSync(join(place, 'sub'), { recursive: true });
    writeFileSync(join(place, 'sub/a.jsonl'), '{"instruction":"Name a colour of the sky.","output":"It is blue."}\n');
    for (let times = 0; times < 2; times++) {
      expect(await run('data', 'import', place, '--store', join(place, 'store'))).toContain('rows.jsonl');
    }
    const empty = join(folder, 'no-data');
    mkdirSync(empty);
    await expect(run('data', 'import', empty, '--store', join(place, 'store'))).rejects.toMatchObject({
      code: 'SOURCE_EMPTY',
    });
  });
});

describe.runIf(process.platform === 'linux')('a process without', () => {
  it('its current folder says so', async () => {
    const script = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$1" plan "$2"';
    const { code, stderr } = await runOwned('/bin/sh', ['-c', script, process.execPath, LAUNCHER, TINY], {
      cwd: folder,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('error FOLDER_GONE: The current folder'),
    });
  });

  it('a home says which variable to set', async ({ skip }: TestContext) => {
    if (process.getuid?.() !== 0) return skip('needs root to become a user without a home');
    const bundle = join(folder, 'sample.cogumi');
    writeFileSync(bundle, tarOf(sampleBundle({ base: await tinyModel() })));
    chmodSync(folder, 0o755);
    const nobody = { env: { PATH: process.env.PATH }, uid: 54_321, gid: 54_321 };
    const { code, stderr } = await runOwned(process.execPath, [LAUNCHER, 'chat', bundle], nobody);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/error NO_HOME: .*HOME is not set/) });
  });
});
