import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOwned } from '../../packages/pure/src/process/index.ts';
import { makeRows, writeRows } from './rows.ts';

// The gain of a second thread, compared with the gain of two independent processes on this machine.
const { values } = parseArgs({
  options: { times: { type: 'string', default: '10' }, rounds: { type: 'string', default: '5' } },
});
const folder = mkdtempSync(join(tmpdir(), 'cogumi-benchmark-'));
try {
  const path = join(folder, 'rows.jsonl');
  const rows = makeRows(Number(values.times));
  writeRows(path, rows);
  const rates: Record<string, number[]> = { 'one thread': [], 'two threads': [], 'two processes': [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    rates['one thread']?.push(await rate(path, 1));
    rates['two threads']?.push(await rate(path, 2));
    const both = await Promise.all([rate(path, 1), rate(path, 1)]);
    rates['two processes']?.push(both[0] + both[1]);
  }
  const single = median(rates['one thread'] as number[]);
  for (const [name, all] of Object.entries(rates)) {
    const thousands = (median(all) * rows.length) / 1000;
    console.log(
      `${name.padEnd(14)} ${thousands.toFixed(0)} K rows/s  ${(median(all) / single).toFixed(2)} of one thread`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Searches a second: three in a separate process. */
async function rate(path: string, threads: number): Promise<number> {
  const args = ['--conditions=source', join(import.meta.dirname, 'ours.ts'), String(threads), path, '3'];
  const { stdout } = await runOwned(process.execPath, args);
  const { seconds } = JSON.parse(stdout) as { seconds: number[] };
  return seconds.length / seconds.reduce((sum, one) => sum + one, 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] as number;
}
