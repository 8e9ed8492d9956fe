/**
 * Hostile programs by the hundred: none reads or changes a file, reaches a server, leaves a process, outlives its limits, or decides about
 * itself or another program. `COGUMI_HOSTILE_PROGRAMS` draws more, in a new order.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, treeMemoryBytes } from '@cogumi/pure';
import { descendants } from '@cogumi/pure/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';
import { hostilePrograms, type Targets } from './testing/hostile-programs.ts';

const PROGRAMS = Number(process.env.COGUMI_HOSTILE_PROGRAMS ?? 8);
const SEED =
  process.env.COGUMI_HOSTILE_SEED ?? (process.env.COGUMI_HOSTILE_PROGRAMS ? String(randomInt(2 ** 31)) : '1');
/** Shorter than usual, so that what hangs ends soon. */
const LIMITS = { cpuMs: 2000, wallMs: 10_000, residentMiB: 640 };
/** For programs that only burn time: a limit holds or does not, whatever it is. */
const SHORT_LIMITS = { ...LIMITS, cpuMs: 200 };
const BURNING = ['time', 'output'];
/** Programs between two looks at the machine, in so many sandboxes side by side: a program that only waits keeps a place until its limit. */
const TOGETHER = 128;
const SANDBOXES = PROGRAMS > TOGETHER ? 3 : 1;

const secretText = `secret-${randomUUID()}`;
let targets: Targets;
let tcp: Server;
let udp: Socket;
let calls = 0;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  writeFileSync(join(folder, 'secret'), secretText);
  tcp = createServer((socket) => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => tcp.listen(0, () => resolve()));
  const { port } = tcp.address() as AddressInfo;
  udp = createSocket('udp4', () => calls++);
  await new Promise<void>((resolve) => udp.bind(port, () => resolve()));
  targets = { secret: join(folder, 'secret'), folder, port, pid: process.pid };
});
afterAll(() => {
  tcp.close();
  udp.close();
  rmSync(targets.folder, { recursive: true, force: true });
});

/** What nothing may change. */
function witness() {
  const { mode, mtimeMs, size } = statSync(targets.secret);
  const names = readdirSync(targets.folder);
  return { calls, names, text: readFileSync(targets.secret, 'utf8'), mode, mtimeMs, size };
}

/** What a program had: a reason also says what was expected. */
const found = (reason: string) => reason.replace(/expected .*?, got /s, '');

it(`withstands ${PROGRAMS} programs`, { timeout: 600_000 + PROGRAMS * 60_000 }, async () => {
  const programs = hostilePrograms(createRandom(SEED), PROGRAMS, targets);
  const before = { ...witness(), memory: treeMemoryBytes(process.pid) ?? 0 };
  const known = new Set(descendants(process.pid));
  const honest = { code: 'def f(x):\n    return sorted(x)', calls: [{ call: 'f([2, 1])', expected: '[1, 2]' }] };
  const reasons = new Map<string, number>();
  for (let from = 0; from < programs.length; from += TOGETHER) {
    const part = programs.slice(from, from + TOGETHER);
    const others = part.filter(({ goal }) => !BURNING.includes(goal));
    const sandboxes = [
      ...Array.from({ length: SANDBOXES }, (_, at) => ({
        sandbox: createSandbox(LIMITS),
        part: others.filter((_, place) => place % SANDBOXES === at),
      })),
      { sandbox: createSandbox(SHORT_LIMITS), part: part.filter(({ goal }) => BURNING.includes(goal)) },
    ];
    const names = part.map(({ name }) => name);
    const seen = `seed ${SEED}, one of: ${names.join('; ')}`;
    try {
      await Promise.all(
        sandboxes.map(async ({ sandbox, part }) => {
          const began = performance.now();
          // The right answer is not in the program: only who leaves the sandbox could know it.
          const results = await sandbox.run([
            ...part.map(({ code }) => ({
              code,
              calls: [{ call: 'str(found)', expected: JSON.stringify(secretText) }],
            })),
            honest,
          ]);
          // A program may wait until its limit; then comes the start of another child.
          expect(performance.now() - began).toBeLessThan((part.length + 1) * (LIMITS.wallMs + 60_000));
          expect(results.at(-1), seen).toEqual({ passed: true, reason: '' });
          const fooled = part.filter(
            (_, at) => results[at]?.passed || found(results[at]?.reason ?? '').includes(secretText),
          );
          expect(
            fooled.map(({ name }) => name),
            `seed ${SEED}`,
          ).toEqual([]);
          expect(results.filter(({ reason }) => reason.length > 2000)).toEqual([]);
          for (const { reason } of results.slice(0, -1)) {
            const kind =
              /stopped|ended the sandbox|MemoryError|PermissionError|Error/.exec(reason)?.[0] ?? 'another value';
            reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
          }
        }),
      );
      const { memory, ...rest } = before;
      expect(witness(), seen).toEqual(rest);
      // Two children of each sandbox are left, which are idle.
      expect((treeMemoryBytes(process.pid) ?? 0) - memory, seen).toBeLessThan(
        3 * sandboxes.length * LIMITS.residentMiB * 2 ** 20,
      );
    } finally {
      for (const { sandbox } of sandboxes) await sandbox.close();
    }
    await expect.poll(() => descendants(process.pid).filter((pid) => !known.has(pid)).length).toBeLessThanOrEqual(1);
    console.log(`${from + part.length} hostile programs, seed ${SEED}: ${JSON.stringify(Object.fromEntries(reasons))}`);
  }
});
