import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { afterAll, expect, it } from 'vitest';
import { createEngine, type EngineRequest } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-shared-worker-'));
const rows = join(folder, 'rows.jsonl');
const logPath = join(folder, 'engine.log');
const engine = createEngine({ threads: 1, logPath, devices: 2 });
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const pretrain = (name: string, steps: number): EngineRequest => ({
  job: 'pretrain',
  inputs: { rows, validation: rows },
  options: {
    ...{ hiddenSize: 256, layers: 1, feedForwardSize: 256, vocabularySize: 300, contextTokens: 128 },
    ...{ steps, batchTokens: 256, checkpointEverySteps: 5 },
  },
  output: join(folder, name),
  seed: 1,
});

/** The process of a rank, by the environment that it was started with; see proc(5). */
function findRank(rank: number, output: string): number | undefined {
  const read = (pid: string, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0');
    } catch {
      return []; // It ended while we looked.
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => read(pid, 'cmdline').includes(join(output, '.job.json')))
    .filter((pid) => read(pid, 'environ').includes(`RANK=${rank}`))
    .map(Number)[0];
}

it('names the rank that died and the signal', async () => {
  const text = (at: number) => JSON.stringify({ question: `Say ${at}.`, answer: `It is ${at}.` });
  writeFileSync(rows, Array.from({ length: 40 }, (_, at) => `${text(at)}\n`).join(''));
  let killed = false;
  const onEvent = () => {
    const pid = findRank(1, join(folder, 'killed'));
    if (killed || pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    killed = true;
  };
  const failure: unknown = await engine.run(pretrain('killed', 20), { onEvent }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CogumiError);
  const { code, message, hint } = failure as CogumiError;
  expect(code).toBe('RANK_DIED');
  expect(message).toContain('Rank 1 of the 2 processes');
  expect(message).toContain('SIGKILL');
  expect(message).toContain(logPath);
  expect(hint).toContain('`devices`');
});
