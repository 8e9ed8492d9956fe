/**
 * CPU time of `cogumi eval` and of lm-eval with transformers on the same file in GGUF, one thread each, in turns: log-likelihoods with and
 * without examples, and generated answers. CPU time of all processes, since wall-clock time on a shared machine measures the others. Needs the environment of `npm run exam -- lm-eval`, and SmolLM2 (`npm run nano`).
 *
 *   node --conditions=source benchmarks/evals/compare.ts [questions=100] [rounds=3] [tasks, such as mmlu-0,mmlu-5,gsm8k,bbh] [another file in GGUF]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type BbhRows,
  bbh,
  type Gsm8kRow,
  gsm8k,
  hostModel,
  type MmluRow,
  mmlu,
  openAnswerCache,
  runTask,
  type Task,
} from '@cogumi/evals';
import { openModel } from '@cogumi/llama';
import { median } from '@cogumi/pure';
import { sharedData } from '@cogumi/pure/testing';

const [questions = 100, rounds = 3] = process.argv.slice(2, 4).map(Number);
const named = process.argv[4]?.split(',');
const ROOT = join(import.meta.dirname, '../..');
const MODEL = process.argv[5] ?? join(ROOT, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const PYTHON = join(ROOT, '.cache/lm-eval/bin/python');
const THREADS = 1;
const SEQUENCES = 4;
const CONTEXT_TOKENS = 4096;
/** Ways in which transformers may be faster; the fastest counts for each task. */
const THEIR_SETTINGS = [
  { dtype: 'float32', batch: 1 },
  { dtype: 'float32', batch: 8 },
];

const rowsOf = <Row>(path: string): Row[] =>
  gunzipSync(readFileSync(sharedData(path)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Neighbouring questions: those of some subjects as a whole, as a run has them. */
const first = (task: Task, count: number): Task => ({ ...task, items: task.items.slice(0, count) });

const development = rowsOf<MmluRow>('mmlu/dev.jsonl.gz');
const asked = { path: 'val', rows: rowsOf<MmluRow>('mmlu/val.jsonl.gz') };
const sums = rowsOf<Gsm8kRow>('gsm8k/train.jsonl.gz');
const counting: BbhRows = {
  object_counting: JSON.parse(readFileSync(sharedData('bbh/object_counting.json'), 'utf8')).examples,
};
/** A prompt in the form of BBH's, with its examples from the same file. */
const examples = (counting.object_counting ?? []).slice(-3).map(({ input, target }) => {
  return `Q: ${input}\nA: Let's think step by step. We count. So the answer is ${target}.`;
});
const workedExamples = `-----\nQuestions about counting.\n\n${examples.join('\n\n')}\n`;
const all: Readonly<Record<string, Task>> = {
  'mmlu-0': first(mmlu(asked, null), questions),
  'mmlu-5': first(mmlu(asked, { path: 'dev', rows: development }, { shots: 5 }), questions),
  gsm8k: first(
    gsm8k({ path: 'test', rows: sums.slice(0, 20) }, { path: 'train', rows: sums.slice(20) }),
    Math.ceil(questions / 10),
  ),
  bbh: first(bbh(counting, { object_counting: workedExamples }), Math.ceil(questions / 5)),
};
const tasks = Object.fromEntries(Object.entries(all).filter(([name]) => named?.includes(name) ?? true));

const folder = mkdtempSync(join(tmpdir(), 'cogumi-eval-speed-'));

/** CPU time of this process and the model's (clock ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const { user, system } = process.cpuUsage();
  return (Number(fields[11]) + Number(fields[12])) / 100 + (user + system) / 1e6;
}

async function ours(): Promise<Record<string, number>> {
  const options = { modelPath: MODEL, sequences: SEQUENCES, threads: THREADS, contextTokens: CONTEXT_TOKENS };
  const host = await openModel(options);
  const model = hostModel(host, { name: 'smollm2', digest: 'sha256:0', adapter: null, sequences: SEQUENCES });
  const seconds: Record<string, number> = {};
  for (const [name, task] of Object.entries(tasks)) {
    const run = (part: Task) =>
      runTask(part, model, { cache: openAnswerCache(null), signal: new AbortController().signal });
    await run(first(task, 1));
    const began = cpuSeconds(host.pid);
    await run(task);
    seconds[name] = cpuSeconds(host.pid) - began;
  }
  await host.close();
  return seconds;
}

function theirs(settings: (typeof THEIR_SETTINGS)[number]): Record<string, number> {
  const [job, result] = [join(folder, 'job.json'), join(folder, 'result.json')];
  const requests = Object.entries(tasks).map(([name, { items }]) => [name, items.map(({ request }) => request)]);
  writeFileSync(job, JSON.stringify({ ...settings, threads: THREADS, tasks: Object.fromEntries(requests) }));
  execFileSync(PYTHON, [join(import.meta.dirname, 'lm_eval_speed.py'), MODEL, job, result], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: String(THREADS) },
  });
  const found: Record<string, { seconds: number }> = JSON.parse(readFileSync(result, 'utf8'));
  return Object.fromEntries(Object.entries(found).map(([name, { seconds }]) => [name, seconds]));
}

try {
  const own: Record<string, number>[] = [];
  const other: Record<string, number>[][] = THEIR_SETTINGS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    own.push(await ours());
    for (const [at, settings] of THEIR_SETTINGS.entries()) {
      other[at]?.push(theirs(settings));
      console.error(`round ${round + 1}: ${JSON.stringify({ own: own.at(-1), settings, theirs: other[at]?.at(-1) })}`);
    }
  }
  for (const [name, { items }] of Object.entries(tasks)) {
    const per = (runs: readonly Record<string, number>[]) =>
      median(runs.map((run) => run[name] as number)) / items.length;
    const best = THEIR_SETTINGS.map((settings, at) => ({ ...settings, seconds: per(other[at] ?? []) })).toSorted(
      (one, two) => one.seconds - two.seconds,
    )[0];
    if (!best) continue;
    console.log(
      `${name}: ${items.length} questions; cogumi ${per(own).toFixed(3)} s each, lm-eval ${best.seconds.toFixed(3)} s (${best.dtype}, batches of ${best.batch}); ${(best.seconds / per(own)).toFixed(2)} times as fast`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
