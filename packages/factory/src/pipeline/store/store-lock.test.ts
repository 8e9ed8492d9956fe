import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockStore } from './store-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dead = (id: number) => JSON.stringify({ pid: 999_999_999, started: String(id) });

/**
 * Takes the lock again and again. Each time it is in, it leaves either properly or, mostly, as a killed owner does: with
 * its lock in place, which names a process that is gone. Answers how often it was in, and how often it was not alone.
 */
const CONTENDER = `
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
const { lockStore } = await import(process.argv[1]);
const [folder, name] = process.argv.slice(2);
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
const until = Date.now() + 2000;
let inside = 0;
let together = 0;
while (Date.now() < until || inside < 3) {
  let unlock;
  try {
    unlock = await lockStore(folder);
  } catch (error) {
    if (error.code !== 'STORE_BUSY') throw error;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
    continue;
  }
  inside++;
  let alone = true;
  try {
    closeSync(openSync(folder + '/inside', 'wx'));
  } catch {
    alone = false;
    together++;
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
  if (alone) rmSync(folder + '/inside', { force: true });
  if (Math.random() < 0.2) await unlock();
  else {
    writeFileSync(folder + '/' + name, JSON.stringify({ pid: 999999999, started: name + inside }));
    renameSync(folder + '/' + name, folder + '/lock');
  }
}
console.log(JSON.stringify({ inside, together }));
process.exit();
`;

describe('lockStore', () => {
  it('lets one of many processes in at a time, though most leave a stale lock behind', async () => {
    const module = join(import.meta.dirname, 'store-lock.ts');
    const contenders = Array.from({ length: 6 }, (_, at) => {
      const program = ['--conditions=source', '--input-type=module', '-e', CONTENDER, module, folder, `c${at}`];
      const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] });
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    });
    for (const { lines } of contenders) expect((await lines.next()).value).toBe('ready');
    for (const { child } of contenders) child.stdin.write('go\n');
    const seen = await Promise.all(
      contenders.map(
        async ({ lines }) => JSON.parse(String((await lines.next()).value)) as Record<'inside' | 'together', number>,
      ),
    );
    const sum = (of: 'inside' | 'together') => seen.reduce((total, one) => total + one[of], 0);
    expect(sum('together')).toBe(0);
    expect(sum('inside')).toBeGreaterThan(10);
    expect(readdirSync(folder).filter((name) => name !== 'lock')).toEqual([]);
  });

  it('lets one build in, names its process to others, and takes over from one that is gone', async () => {
    const unlock = await lockStore(folder);
    await expect(lockStore(folder)).rejects.toThrow(`process ${process.pid}`);
    await unlock();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 999_999_999, started: '1' }));
    await (await lockStore(folder))();
  });

  it('is whole from its first moment: what it names can be read, and it takes no room on the disk', async () => {
    const unlock = await lockStore(folder);
    const target = readlinkSync(join(folder, 'lock'));
    expect(JSON.parse(target)).toMatchObject({ pid: process.pid });
    expect(target.length).toBeLessThan(60);
    await expect(lockStore(folder)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over from owners that are gone, whatever form their lock has', async () => {
    for (const leave of [
      () => writeFileSync(join(folder, 'lock'), dead(1)),
      () => writeFileSync(join(folder, 'lock'), ''),
      () => writeFileSync(join(folder, 'lock'), '{"pid":0,"started":"1"}'),
      () => symlinkSync(dead(2), join(folder, 'lock')),
    ]) {
      leave();
      await (await lockStore(folder))();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('takes over from one that was gone while it took over', async () => {
    symlinkSync(dead(1), join(folder, 'lock'));
    const unlock = await lockStore(folder);
    await unlock();
    // Its claim stays where it was killed: sha256 of the stale lock's text, as the code names it.
    symlinkSync(dead(1), join(folder, 'lock'));
    const { createHash } = await import('node:crypto');
    const claim = `lock-${createHash('sha256').update(dead(1)).digest('hex').slice(0, 16)}`;
    symlinkSync(dead(2), join(folder, claim));
    await (await lockStore(folder))();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('releases its own lock and nobody else’s', async () => {
    const first = await lockStore(folder);
    rmSync(join(folder, 'lock')); // By hand, as a user may.
    const second = await lockStore(folder);
    await first();
    await expect(lockStore(folder)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    await second();
    await (await lockStore(folder))();
  });
});
