import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '@cogumi/contracts';
import { sampleRow } from '@cogumi/data/testing';
import { createRandom } from '@cogumi/pure';
import { openTeacherPool, TeachersOptions } from '@cogumi/teachers';
import { judgePrompt } from '@cogumi/teachers/judging';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { passport } from '../../proof/passport/stage.ts';
import { score } from './stage.ts';

const TEACHER = 'vllm:scorer';
const random = createRandom('rows');
/** Rows say what they are worth, at any length. */
const ROWS: Row[] = Array.from({ length: 60 }, (_, at) =>
  sampleRow({
    question_id: `row_${at}`,
    question: `Question ${at}?`,
    answer: `worth ${1 + (at % 10)},${' and so on,'.repeat(random.integer(0, 6))} number ${at}`,
  }),
);
const good = ROWS.filter(({ answer }) => Number(/\d+/.exec(answer)?.[0]) >= 7);

let folder: string;
let server: Server;
let url: string;
let asked: string[] = [];
let reply: (text: string) => string;
let onAsked: () => void;

const scores = (value: number) => JSON.stringify({ quality: value, relevance: 10, clarity: 9 });
const sound = (text: string) => scores(Number(/worth (\d+)/.exec(text)?.[1]));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-score-'));
  server = createServer(async (request, response) => {
    const { messages } = JSON.parse(Buffer.concat((await Array.fromAsync(request)) as Buffer[]).toString());
    const text = messages.at(-1).content as string;
    asked.push(text);
    onAsked();
    const message = { role: 'assistant', content: reply(text) };
    const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ id: '1', model: 'scorer', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  reply = sound;
  onAsked = () => {};
});

/** Runs a stage with a teacher behind HTTP. @param store - Folder of what was paid for; null: in memory. */
async function withTeacher<Result>(
  run: (teacherPool: ReturnType<typeof openTeacherPool>) => Promise<Result>,
  { store = null, budget = 1 }: { store?: string | null; budget?: number } = {},
): Promise<Result> {
  const pool = openTeacherPool({
    ...{ store, recipe: 'test', run: 'test', budget, seed: 1, teachers: [TEACHER] },
    options: TeachersOptions.parse({
      prices: { [TEACHER]: { input: 1, output: 1 } },
      providers: { vllm: { concurrency: 4 } },
    }),
    environment: { VLLM_BASE_URL: url },
  });
  try {
    return await run(pool);
  } finally {
    await pool.close();
  }
}

interface Given {
  readonly rows?: readonly Row[];
  readonly options?: object;
  readonly inputs?: object;
  readonly store?: string;
  readonly budget?: number;
  readonly signal?: AbortSignal;
}
async function run({ rows = ROWS, options = {}, inputs = {}, signal, ...money }: Given = {}) {
  const result = await withTeacher(
    (teacherPool) =>
      runStage(score, {
        options: { teacher: TEACHER, ...options },
        inputs: { rows: { files: { 'rows.jsonl': rows }, facts: { rows: rows.length } }, ...inputs },
        teacherPool,
        ...(signal && { signal }),
      }),
    money,
  );
  const read = async (file: string) =>
    (await readFile(result.path(file), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { ...result, read };
}

describe('score', () => {
  it('keeps the rows whose lowest score is high enough, as they are, and lists the others with their scores', async () => {
    const { facts, gates, read } = await run();
    expect(await read('rows.jsonl')).toEqual(good);
    const rejected = await read('rejected.jsonl');
    expect(rejected).toHaveLength(ROWS.length - good.length);
    expect(rejected[0]).toMatchObject({ question_id: 'row_0', quality: 1, clarity: 9, reason: 'score' });
    expect(await read('scores.jsonl')).toHaveLength(ROWS.length);
    // The lowest of quality, relevance and clarity: clarity is never above 9.
    expect(facts).toMatchObject({ rows: 24, rejected: 36, unscored: 0, histogram: [6, 6, 6, 6, 6, 6, 6, 6, 12, 0] });
    expect(facts).toMatchObject({ bySource: { s: { read: 60, kept: 24 } } });
    expect(verdicts({ gates })).toEqual({ scored: 'pass', 'agrees-with-people': 'skipped' });
  });

  it('rejects rows without scores, and fails where there are many of them', async () => {
    reply = (text) => (/number \d*[02468]$/.test(text) ? "I'm sorry, I cannot score that." : sound(text));
    const { facts, gates } = await run();
    expect(facts).toMatchObject({ unscored: 30 });
    expect(verdicts({ gates })).toMatchObject({ scored: 'fail' });
  });

  it('accepts no rows', async () => {
    const { facts, gates } = await run({ rows: [] });
    expect(facts).toMatchObject({ rows: 0, rejected: 0 });
    expect(verdicts({ gates })).toEqual({ scored: 'skipped', 'agrees-with-people': 'skipped' });
    expect(asked).toEqual([]);
  });

  it('buys nothing twice: neither after a stop nor where the budget ended, in the middle', async () => {
    const store = join(folder, 'stopped');
    const stop = new AbortController();
    onAsked = () => asked.length === 20 && stop.abort(new Error('stopped'));
    await expect(run({ store, signal: stop.signal })).rejects.toThrow('stopped');
    const first = asked.length;
    onAsked = () => {};
    // In dollars: 120 tokens a reply at one a million.
    await expect(run({ store, budget: 0.0055 })).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    const second = asked.length;
    expect(second).toBeGreaterThanOrEqual(first);
    expect(second).toBeLessThan(first + 60);
    expect((await run({ store })).facts).toMatchObject({ rows: 24 });
    const repeated = asked.length - new Set(asked).size;
    // What was in flight at the stop is asked again, as its reply is not known.
    expect(repeated).toBeLessThan(first);
    const all = asked.length;
    await run({ store });
    expect(asked).toHaveLength(all);
  });

  it('lets a person review a sample, and holds the teacher against what they say', async () => {
    const { read } = await run({ options: { review: 40 } });
    const sample: { question: string; answer: string; good: null }[] = await read('review.jsonl');
    expect(sample).toHaveLength(40);
    const worth = ({ answer }: { answer: string }) => Number(/\d+/.exec(answer)?.[0]);
    expect(sample.filter((row) => worth(row) >= 7)).toHaveLength(20);
    const labelled = async (says: (row: { answer: string }, at: number) => boolean) => {
      const path = join(folder, 'review.jsonl');
      const lines = sample.map((row, at) => `${JSON.stringify({ ...row, good: says(row, at) })}\n`);
      writeFileSync(path, lines.join(''));
      const options = {
        teacher: TEACHER,
        minScore: 7,
        limit: 200,
        samples: 0,
        prompts: { answers: judgePrompt('answers') },
      };
      const made = await withTeacher((teacherPool) =>
        runStage(passport, { options, sources: { labels: path }, teacherPool }),
      );
      return run({ inputs: { passport: made.artifact } });
    };
    const agrees = await labelled((row) => worth(row) >= 7);
    expect(verdicts(agrees)).toMatchObject({ 'agrees-with-people': 'pass' });
    expect(agrees.facts).toMatchObject({ passport: { verdict: 'valid', agreement: 1, kappa: 1 } });
    const coin = await labelled((_, at) => at % 2 === 0);
    expect(verdicts(coin)).toMatchObject({ 'agrees-with-people': 'fail' });
  });
});
