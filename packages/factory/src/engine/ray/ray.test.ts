import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent } from '@cogumi/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RayHead, startRayHead } from '../../testing/ray-head.ts';
import { createEngine, type Engine, type EngineRequest } from '../engine.ts';
import { findPython } from '../find-python.ts';
import { parseRayAddress } from './address.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-ray-'));
const logPath = join(folder, 'logs/engine.log');
const rows = join(folder, 'rows.jsonl');
let head: RayHead;
let engine: Engine;
let made = 0;

const pretrain = (steps: number, into = join(folder, `output-${++made}`)): EngineRequest => ({
  job: 'pretrain',
  inputs: { rows, validation: rows },
  options: {
    ...{ hiddenSize: 256, layers: 1, feedForwardSize: 256, vocabularySize: 300, contextTokens: 128 },
    ...{ steps, batchTokens: 256, checkpointEverySteps: 5, precision: 'f32' },
  },
  output: into,
  seed: 1,
});
const jobOf = (output: string) =>
  [...head.jobs.values()].find(({ entrypoint }) => entrypoint.includes(join(output, '.job.json')));

beforeAll(() => {
  const row = (number: number) => ({ question_id: `row_${number}`, question: `Say ${number}.`, answer: `${number}.` });
  writeFileSync(rows, Array.from({ length: 40 }, (_, at) => `${JSON.stringify(row(at))}\n`).join(''));
});
beforeEach(async () => {
  head = await startRayHead();
  engine = createEngine({ threads: 1, logPath, executor: head.executor });
});
afterEach(async () => {
  head.mood = 'well';
  await engine.close();
  await head.close();
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Says what a worker says, without PyTorch: `steps` progress events, 20 ms apart; every job without steps fails. */
const SPEAKER = `
import json, sys, time
say = lambda **event: print(json.dumps(event), flush=True)
say(event="ready", versions={"torch": "2"}, device="cpu", bf16=False)
if "run" in sys.argv:
    options = json.load(open(sys.argv[-1]))["options"]
    if "steps" not in options:
        say(event="error", code="MODEL_NOT_FOUND", message="No model.", hint="Name one.")
        sys.exit(1)
    for step in range(options["steps"]):
        say(event="progress", done=step, total=options["steps"], unit="steps", tokensPerSecond=None, memoryBytes=None)
        time.sleep(0.02)
    say(event="done", facts={"steps": options["steps"]})
`;

describe('the real engine on Ray', () => {
  it('gives the bytes and the events of this machine, under the same versions', async () => {
    const local = createEngine({ threads: 1, logPath });
    const [here, there] = [pretrain(12), pretrain(12)];
    const events: EngineEvent[] = [];
    const facts = await engine.run(there, { onEvent: (event) => events.push(event) });
    expect(facts).toEqual(await local.run(here));
    expect(await engine.versions()).toBe(await local.versions());
    await local.close();
    for (const name of ['model.safetensors', 'losses.jsonl', 'tokenizer.json']) {
      expect(readFileSync(join(there.output, name)).equals(readFileSync(join(here.output, name))), name).toBe(true);
    }
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['progress', 'metric']));
    expect(existsSync(join(there.output, '.job.json'))).toBe(false);
    expect(head.jobs.size).toBe(0);
  });
});

describe('an engine on Ray', () => {
  beforeEach(() => {
    const python = join(folder, 'python');
    writeFileSync(python, `#!${findPython({})}${SPEAKER}`);
    chmodSync(python, 0o755);
    vi.stubEnv('COGUMI_PYTHON', python);
  });

  it('throws the error of a job with its code, and that of a killed process with its log; the next job runs', async () => {
    const missing = { ...pretrain(1), job: 'logits' as const, inputs: { model: folder, rows }, options: {} };
    await expect(engine.run(missing)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: expect.stringMatching(/\S/),
    });
    await expect(engine.run(pretrain(2, missing.output))).resolves.toMatchObject({ steps: 2 });
    const victim = pretrain(100_000);
    const onEvent = () => jobOf(victim.output)?.child.kill('SIGKILL');
    await expect(engine.run(victim, { onEvent })).rejects.toMatchObject({ code: 'ENGINE_CRASHED', how: 'SIGKILL' });
    await expect(engine.run(pretrain(1))).resolves.toMatchObject({ steps: 1 });
  });

  it('stops a job that is aborted, and ends one that a killed build has left before it starts another', async () => {
    const stop = new AbortController();
    const request = pretrain(100_000);
    const onEvent = () => stop.abort(new Error('enough'));
    await expect(engine.run(request, { signal: stop.signal, onEvent })).rejects.toThrow('enough');
    expect([...head.jobs.values()].filter(({ status }) => status === 'RUNNING')).toEqual([]);

    const abandoned = createEngine({ threads: 1, logPath, executor: head.executor });
    const begun = new Promise<void>((resolve) => {
      abandoned.run(pretrain(100_000, request.output), { onEvent: () => resolve() }).catch(() => undefined);
    });
    await begun;
    const left = jobOf(request.output);
    await expect(engine.run(pretrain(3, request.output))).resolves.toMatchObject({ steps: 3 });
    expect(left?.status).toBe('STOPPED');
  });

  it('waits for a head that is silent for a while, and starts a job once though the answer was lost', async () => {
    await engine.versions();
    head.mood = 'deaf';
    let events = 0;
    const onEvent = () => {
      if (events++ > 0) return;
      head.mood = 'silent';
      setTimeout(() => (head.mood = 'busy'), 500);
      setTimeout(() => (head.mood = 'well'), 1500);
    };
    await expect(engine.run(pretrain(200), { onEvent })).resolves.toMatchObject({ steps: 200 });
    expect(head.submitted.filter(({ entrypoint }) => (entrypoint as string).includes('.job.json'))).toHaveLength(1);
  });

  it('says that a head is gone, or that it has forgotten the job, and how to go on', async () => {
    const request = pretrain(100_000);
    await expect(engine.run(request, { onEvent: () => head.jobs.clear() })).rejects.toMatchObject({
      code: 'RAY_JOB_LOST',
      hint: expect.stringContaining('last checkpoint'),
    });
    const other = createEngine({ threads: 1, logPath, executor: 'ray://127.0.0.1:9' });
    await expect(other.versions()).rejects.toMatchObject({
      code: 'RAY_UNREACHABLE',
      message: expect.stringContaining('http://127.0.0.1:9'),
      hint: expect.stringContaining('8265'),
    });
    await other.close();
  });

  it('says what a node lacks', async () => {
    vi.stubEnv('COGUMI_PYTHON', process.execPath);
    await expect(engine.versions()).rejects.toMatchObject({
      code: 'RAY_BROKEN',
      message: expect.stringMatching(/exit code 9.*bad option/s),
      hint: expect.stringContaining('same paths'),
    });
  });
});

describe('parseRayAddress', () => {
  it('reads host, port and what a job reserves', () => {
    expect(parseRayAddress('ray://head')).toEqual({ url: 'http://head:8265', cpus: null, gpus: null });
    expect(parseRayAddress('ray://10.0.0.1:80?gpus=2&cpus=8')).toEqual({ url: 'http://10.0.0.1:80', cpus: 8, gpus: 2 });
  });

  it.each(['ray://', 'http://head', 'ray://head/x', 'ray://a:b@head', 'ray://head?gpu=1', 'ray://head?gpus=0'])(
    'refuses %s',
    (executor) => {
      expect(() => parseRayAddress(executor)).toThrow(expect.objectContaining({ code: 'EXECUTOR_INVALID' }));
    },
  );
});
