import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOwned } from '../../packages/pure/src/process/index.ts';
import { makeRows, writeRows } from './rows.ts';

/** Pinned, so that figures belong to a release. */
const RIVALS: Readonly<Record<string, string>> = {
  rensa: 'rensa==0.5.0',
  datasketch: 'datasketch==2.0.0',
  // Installs a gigabyte of packages, so only on request.
  'text-dedup': 'text-dedup==0.4.0',
};
const VENV = join(import.meta.dirname, '../../.cache/benchmarks/dedup');
const ACCURACY_ROWS = 1000;

interface Outcome {
  readonly seconds: readonly number[];
  readonly kept: readonly number[];
  /** Peak resident memory of the process, its copy of the texts included. */
  readonly megabytes: number;
}

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    tools: { type: 'string', default: 'cogumi,cogumi-2,rensa,datasketch' },
  },
});
const tools = values.tools.split(',');
const folder = mkdtempSync(join(tmpdir(), 'cogumi-benchmark-'));
try {
  await setUp();
  const rows = makeRows(Number(values.times));
  const best = await measure('speed', rows, Number(values.rounds));
  const sample = makeRows(10, ACCURACY_ROWS);
  const answers = await measure('accuracy', sample, 1);
  const should = definition(sample);
  for (const tool of tools) {
    const { seconds, megabytes } = best.get(tool) as Outcome;
    const rate = rows.length / Math.min(...seconds);
    const { recall, precision } = judge(should, (answers.get(tool) as Outcome).kept);
    const ours = best.get('cogumi');
    const ratio = ours ? `  ${(Math.min(...ours.seconds) / Math.min(...seconds)).toFixed(3)} of Cogumi's rate` : '';
    console.log(
      `${tool.padEnd(12)} ${rows.length} rows  ${(rate / 1000).toFixed(1)} K rows/s${ratio}  ${megabytes.toFixed(0)} MB  recall ${recall.toFixed(4)}  precision ${precision.toFixed(4)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function setUp(): Promise<void> {
  const installed = join(VENV, 'installed.txt');
  const there = existsSync(installed) ? readFileSync(installed, 'utf8').split('\n') : [];
  const missing = tools.flatMap((tool) => RIVALS[tool] ?? []).filter((rival) => !there.includes(rival));
  if (missing.length === 0) return;
  if (there.length === 0) await run('python3', ['-m', 'venv', VENV]);
  await run(join(VENV, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...missing]);
  const packageOf = (pinned: string) => pinned.split('==')[0];
  const replaced = missing.map(packageOf);
  writeFileSync(installed, [...there.filter((rival) => !replaced.includes(packageOf(rival))), ...missing].join('\n'));
}

/** Runs every tool on the same rows, one after the other, on one thread; `cogumi-2` on two. */
async function measure(what: string, rows: readonly string[], rounds: number): Promise<Map<string, Outcome>> {
  const path = join(folder, `${what}.jsonl`);
  writeRows(path, rows);
  const answers = new Map<string, Outcome>();
  for (const tool of tools) {
    const call = tool.startsWith('cogumi')
      ? [
          process.execPath,
          '--conditions=source',
          join(import.meta.dirname, 'ours.ts'),
          threadsOf(tool),
          path,
          String(rounds),
        ]
      : [join(VENV, 'bin/python'), join(import.meta.dirname, 'rivals.py'), tool, path, String(rounds)];
    const [program, ...args] = call as [string, ...string[]];
    const env = { ...process.env, OMP_NUM_THREADS: '1', RAYON_NUM_THREADS: '1' };
    answers.set(tool, JSON.parse(await run(program, args, env)) as Outcome);
  }
  return answers;
}

/** @returns What the program printed. @throws If it fails, with what it said. */
async function run(program: string, args: readonly string[], env = process.env): Promise<string> {
  const { code, signal, stdout, stderr } = await runOwned(program, args, { env });
  if (code !== 0) throw new Error(`${program} ended with ${signal ?? code}: ${stderr}`);
  return stdout;
}

/** Threads of a tool: `cogumi-2` has two. */
function threadsOf(tool: string): string {
  return tool.split('-')[1] ?? '1';
}

interface Truth {
  readonly kept: ReadonlySet<number>;
  /** True if the similarity of row `at` to one of `others` is 0.8 or more. */
  similarToAny(at: number, others: ReadonlySet<number>): boolean;
}

/** The exact result, by counting the shingles that two rows share. */
function definition(rows: readonly string[]): Truth {
  const sets = rows.map((text) => {
    const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    return new Set(words.slice(0, Math.max(1, words.length - 2)).map((_, at) => words.slice(at, at + 3).join(' ')));
  });
  const holders = Map.groupBy(
    sets.flatMap((set, at) => [...set].map((shingle) => ({ shingle, at }))),
    ({ shingle }) => shingle,
  );
  const similar = sets.map((set, at) => {
    const common = new Map<number, number>();
    for (const shingle of set)
      for (const { at: other } of holders.get(shingle) ?? []) common.set(other, (common.get(other) ?? 0) + 1);
    return [...common].flatMap(([other, shared]) =>
      other !== at && shared / (set.size + (sets[other] as Set<string>).size - shared) >= 0.8 ? [other] : [],
    );
  });
  const kept = new Set<number>();
  for (const at of rows.keys()) if (!(similar[at] as number[]).some((other) => kept.has(other))) kept.add(at);
  return { kept, similarToAny: (at, others) => (similar[at] as number[]).some((other) => others.has(other)) };
}

function judge({ kept, similarToAny }: Truth, answer: readonly number[]): { recall: number; precision: number } {
  const keptByTool = new Set(answer);
  const all = [...Array(ACCURACY_ROWS * 10).keys()];
  const should = all.filter((at) => !kept.has(at));
  const rejected = all.filter((at) => !keptByTool.has(at));
  return {
    recall: should.filter((at) => !keptByTool.has(at)).length / should.length,
    precision: rejected.filter((at) => similarToAny(at, keptByTool)).length / rejected.length,
  };
}
