import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { describeMemory, leaks, MemoryLooks, type ProcessMemory } from './memory-looks.ts';

const LOOKS = 60;
const REQUESTS_A_LOOK = 60;
/** A server that fills a cache of 2 MiB by the 1,000th request of 3,600, and makes garbage. */
const SERVER = `
  const cache = new Map();
  let at = 0;
  require('node:http').createServer((request, response) => {
    cache.set(at++ % 1000, Array(256).fill(at));
    response.end(JSON.stringify(Array(500).fill(at)));
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

async function memoryOf(leakBytes: number): Promise<ProcessMemory> {
  const folder = await mkdtemp(join(tmpdir(), 'looks-'));
  const looks = new MemoryLooks(folder, leakBytes);
  const child = spawn(process.execPath, ['-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...looks.env },
  });
  try {
    const [port] = await once(createInterface({ input: child.stdout }), 'line');
    for (let look = 1; look <= LOOKS; look++) {
      for (let at = 0; at < REQUESTS_A_LOOK; at++) await (await fetch(`http://127.0.0.1:${port}/`)).text();
      await looks.look([child.pid as number], look * REQUESTS_A_LOOK);
    }
    return looks.of(child.pid as number);
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

it('tells a leak of 300 bytes a request from a cache that is full in the middle', async () => {
  for (const [leakBytes, leaky] of [
    [0, false],
    [300, true],
  ] as const) {
    const found = await memoryOf(leakBytes);
    console.info(`${leakBytes} bytes: ${describeMemory(found)}`);
    expect(leaks(found, { long: false })).toBe(leaky);
    expect(found.alive.slope.perX - leakBytes).toBeLessThan(100);
  }
});
