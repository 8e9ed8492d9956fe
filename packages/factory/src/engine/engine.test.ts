import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineEvent, JOBS } from '@cogumi/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine, type Engine, type EngineRequest } from './engine.ts';
import { EngineCrashedError } from './errors.ts';
import { findPython } from './find-python.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-engine-'));
const logPath = join(folder, 'logs/engine.log');
const rows = join(folder, 'rows.jsonl');
let engine: Engine;
let made = 0;

const output = () => join(folder, `output-${++made}`);
const smallOptions = { hiddenSize: 256, layers: 1, feedForwardSize: 256, vocabularySize: 300, contextTokens: 128 };
const pretrain = (steps: number, into: string): EngineRequest => ({
  job: 'pretrain',
  inputs: { rows, validation: rows },
  options: { ...smallOptions, steps, batchTokens: 256 },
  output: into,
  seed: 1,
});
/** A job that fails at once, for want of its model. */
const refused = (): EngineRequest => ({
  job: 'logits',
  inputs: { model: join(folder, 'nowhere'), rows },
  options: {},
  output: output(),
  seed: 1,
});

/** Processes whose parent is this one and whose command names the worker; see proc(5). */
function workers(): number[] {
  const read = (pid: string, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8');
    } catch {
      return ''; // It ended while we looked.
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = pids.filter((pid) => read(pid, 'stat').split(') ').at(-1)?.split(' ')[1] === String(process.pid));
  return own.filter((pid) => read(pid, 'cmdline').includes('cogumi_engine.worker')).map(Number);
}

beforeAll(() => {
  const row = (number: number) => ({
    question_id: `row_${number}`,
    question: `Say ${number}.`,
    answer: `It is ${number}.`,
  });
  writeFileSync(rows, Array.from({ length: 40 }, (_, at) => `${JSON.stringify(row(at))}\n`).join(''));
  engine = createEngine({ threads: 1, logPath });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await engine.close();
  expect(workers()).toEqual([]);
  rmSync(folder, { recursive: true });
});

describe('createEngine', () => {
  it('runs a job in a real worker, reports its events and returns its facts', async () => {
    const events: EngineEvent[] = [];
    const into = output();
    const facts = await engine.run(pretrain(4, into), { onEvent: (event) => events.push(event) });
    expect(facts).toMatchObject({ steps: 4, rows: 40, architecture: 'LlamaForCausalLM' });
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['progress', 'metric']));
    expect(readdirSync(into).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(existsSync(join(into, 'model.safetensors'))).toBe(true);
  });

  it('runs jobs that are requested at the same time one after another in one worker', async () => {
    const before = workers();
    const order: number[] = [];
    await Promise.all([3, 1, 2].map((steps) => engine.run(pretrain(steps, output())).then(() => order.push(steps))));
    expect(order).toEqual([3, 1, 2]);
    expect(workers()).toEqual(before);
  });

  it('names libraries, device kind and threads, equal at every call', async () => {
    const versions = await engine.versions();
    const named = 'gguf numpy peft safetensors tokenizers torch transformers'
      .split(' ')
      .map((name) => `${name} \\S+, `);
    expect(versions).toMatch(new RegExp(`^${named.join('')}.+, (bf16|f32), 1 threads$`));
    expect(await engine.versions()).toBe(versions);
  });

  it('throws the error of a job with its code and hint, and then runs the next job', async () => {
    await expect(engine.run(refused())).rejects.toMatchObject({
      code: 'INPUT_MISSING',
      hint: expect.stringMatching(/\S/),
      message: expect.stringContaining('nowhere'),
    });
    await expect(engine.run(pretrain(1, output()))).resolves.toMatchObject({ steps: 1 });
  });

  it('refuses unknown options before a job reaches Python', async () => {
    const wrong = { ...pretrain(1, output()), options: { steps: 1, stepz: 2 } };
    await expect(engine.run(wrong)).rejects.toThrow('stepz');
    expect(JOBS.pretrain.safeParse(wrong.options).success).toBe(false);
  });

  it('reports how a worker died, with the log and a command that reruns the job; the next job gets a new worker', async () => {
    const [victim] = workers();
    const into = output();
    let events = 0;
    const failure: unknown = await engine
      .run(pretrain(100_000, into), { onEvent: () => events++ === 0 && process.kill(victim as number, 'SIGKILL') })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineCrashedError);
    const { how, message, rerun } = failure as EngineCrashedError;
    expect(how).toBe('SIGKILL');
    expect(message).toContain(logPath);

    // The command holds, typed into a shell as it is.
    const job = join(into, '.job.json');
    const short = JSON.parse(readFileSync(job, 'utf8')) as { options: object };
    writeFileSync(job, JSON.stringify({ ...short, options: { ...short.options, steps: 1, checkpointEverySteps: 9 } }));
    rmSync(join(into, 'checkpoint'), { recursive: true, force: true });
    const said = execFileSync('bash', ['-c', rerun], {
      encoding: 'utf8',
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(JSON.parse(said.trim().split('\n').at(-1) as string)).toMatchObject({ event: 'done', facts: { steps: 1 } });

    await expect(engine.run(pretrain(1, output()))).resolves.toMatchObject({ steps: 1 });
    expect(workers()).not.toContain(victim);
  });

  it('fails a job with what its listener throws, such as a log that has no room, and goes on with the next', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const onEvent = () => {
      throw full;
    };
    await expect(engine.run(pretrain(100_000, output()), { onEvent })).rejects.toBe(full);
    expect(await engine.run(pretrain(2, output()))).toMatchObject({ steps: 2 });
  });

  it('rejects an aborted job with the reason, and the next job has a worker', async () => {
    const stop = new AbortController();
    const running = engine.run(pretrain(100_000, output()), {
      signal: stop.signal,
      onEvent: () => stop.abort(new Error('enough')),
    });
    const next = engine.run(pretrain(1, output()));
    await expect(running).rejects.toThrow('enough');
    await expect(next).resolves.toMatchObject({ steps: 1 });
    await expect(engine.run(pretrain(1, output()), { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('a broken environment', () => {
  it('without Python is refused with the command that installs it', async () => {
    vi.stubEnv('COGUMI_PYTHON', join(folder, 'no/python'));
    const other = createEngine({ threads: 1, logPath });
    await expect(other.versions()).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      hint: expect.stringContaining('npm run setup'),
    });
    await other.close();
  });

  it('without the libraries is refused with the last lines of the log', async () => {
    const log = join(folder, 'broken.log');
    writeFileSync(log, 'words of an older run\n');
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\necho "No module named torch" >&2\nexit 1\n');
    chmodSync(python, 0o755);
    vi.stubEnv('COGUMI_PYTHON', python);
    const other = createEngine({ threads: 1, logPath: log });
    const failure = await other.versions().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'PYTHON_BROKEN', hint: expect.stringContaining('npm run setup') });
    expect((failure as Error).message).toContain('No module named torch');
    expect((failure as Error).message).not.toContain('older run');
    await other.close();
  });

  it('with a Python that cannot be executed is refused', async () => {
    const python = join(folder, 'not-a-program');
    writeFileSync(python, 'nothing');
    vi.stubEnv('COGUMI_PYTHON', python);
    const other = createEngine({ threads: 1, logPath });
    await expect(other.versions()).rejects.toMatchObject({ code: 'PYTHON_BROKEN' });
    await other.close();
  });

  it('with a process of another protocol is killed and refused without waiting', async () => {
    const python = join(folder, 'python-of-another-version');
    writeFileSync(python, '#!/bin/sh\necho \'{"event":"hello"}\' >&3\nexec sleep 60\n');
    chmodSync(python, 0o755);
    vi.stubEnv('COGUMI_PYTHON', python);
    const other = createEngine({ threads: 1, logPath });
    await expect(other.versions()).rejects.toThrow('hello');
    await other.close();
  });

  it('is looked for at COGUMI_PYTHON first', () => {
    expect(findPython({ COGUMI_PYTHON: process.execPath })).toBe(process.execPath);
  });
});
