/**
 * From the start of `cogumi serve` to the first token of the first request: the first start ever, and later ones.
 *
 *     node --conditions=source benchmarks/serving/start.ts MODEL-OR-BUNDLE [--starts 6] [--pause 5] [--cache FOLDER]
 *
 * The first start has an empty cache folder. After each answer the server is left alone for `--pause` seconds, in which it measures.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { COMMAND } from '../../packages/cli/src/command.ts';
import { descendants } from '../../packages/pure/src/testing/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    starts: { type: 'string', default: '6' },
    pause: { type: 'string', default: '5' },
    cache: { type: 'string' },
  },
});
const [served] = positionals;
if (served === undefined) throw new Error('Name a model in GGUF or a bundle.');
const cache = values.cache ?? mkdtempSync(join(tmpdir(), 'cogumi-start-'));
const [program, ...before] = COMMAND as [string, ...string[]];

/** Milliseconds from the start of the process, and processor time of all its processes until then. */
interface Start {
  readonly listens: number;
  readonly firstToken: number;
  readonly cpu: number;
  readonly report: string;
}

function cpuMs(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // User and system time, in ticks of 10 ms (proc(5)).
    return sum + 10 * (Number(fields[11]) + Number(fields[12]));
  }, 0);
}

async function startOnce(path: string): Promise<Start> {
  const began = performance.now();
  const { COGUMI_API_KEY: _, ...env } = process.env;
  const child = spawn(program, [...before, 'serve', path, '--json', '--port', '0'], {
    env: { ...env, COGUMI_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const listens = performance.now() - began;
    const { url, models } = JSON.parse(line) as { url: string; models: string[] };
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: models[0],
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        stream: true,
        max_tokens: 8,
      }),
    });
    let firstToken = 0;
    let cpu = 0;
    for await (const part of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (firstToken !== 0 || !/"content":"[^"]/.test(part)) continue;
      firstToken = performance.now() - began;
      cpu = cpuMs(child.pid as number);
    }
    if (!reply.ok || firstToken === 0) throw new Error(`${url} answered ${reply.status} without a token.`);
    await sleep(1000 * Number(values.pause));
    const metrics = await (await fetch(`${url}/health`)).text();
    return { listens, firstToken, cpu, report: metrics };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
  }
}

try {
  console.log('start  listens  first token  processors');
  for (let start = 1; start <= Number(values.starts); start++) {
    const { listens, firstToken, cpu, report } = await startOnce(served);
    const cells = [listens, firstToken, cpu].map((ms) => `${ms.toFixed(0)} ms`);
    console.log(`${start}  ${cells.join('  ')}`);
    if (start <= 2) console.log(report);
  }
} finally {
  if (values.cache === undefined) rmSync(cache, { recursive: true, force: true });
}
