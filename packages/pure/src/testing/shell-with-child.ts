import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const MIB = 2 ** 20;
/** Fills this much memory, says so, and stays. */
const HOLD = `globalThis.held = Buffer.alloc(200 * ${MIB}, 1); console.log('held'); setInterval(() => {}, 1000);`;

/** Starts a shell whose child holds 200 MiB; both end with the test. @returns Its process id, which is that of their group. */
export async function shellWithChild() {
  // A second command, so that the shell does not become the program.
  const shell = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, HOLD], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    try {
      process.kill(-(shell.pid as number), 'SIGKILL');
    } catch {
      // The test has killed it.
    }
  });
  await once(shell.stdout, 'data');
  return shell.pid as number;
}
