import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startS3Server } from '../packages/factory/src/testing/s3-server.ts';
import { makeQuestions } from '../packages/teachers/src/procedural/make-questions.ts';
import { startProviderServer } from '../packages/teachers/src/testing/provider-server/start-provider-server.ts';
import { answerFrom } from '../packages/teachers/src/testing/test-teacher-pool.ts';
import { startBuild } from './build-tiny.ts';
import { COGUMI, ROOT } from './start-cogumi.ts';

/** The pages of docs/how-to: every command of theirs is run as it stands, in a folder with only what the repository has. */
const MINUTES = 60_000;
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'cogumi-how-to-'));
const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` };
let server: ChildProcess | null = null;

beforeAll(async () => {
  for (const name of ['examples', 'recipes', 'models']) symlinkSync(join(ROOT, name), join(folder, name));
  const { code } = await startBuild(join(folder, '.cogumi')).finished;
  expect(code).toBe(0);
});
afterEach(() => server?.kill('SIGKILL'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks of a page in one language, in their order. */
function blocks(page: string, language: 'sh' | 'yaml'): string[] {
  const text = readFileSync(join(ROOT, 'docs/how-to', page), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block as string,
  );
}

/** Runs one line in the folder; `npm run cogumi --` is the command of this repository. Answers what it printed. */
async function type(line: string): Promise<string> {
  const command = line.replace('npm run cogumi --', `'${process.execPath}' '${COGUMI}'`);
  if (/ (serve|look) /.test(command)) return startServer(command);
  const { stdout, stderr } = await run('bash', ['-c', command], {
    cwd: folder,
    env: environment,
    timeout: 30 * MINUTES,
  });
  return stdout + stderr;
}

/** A command that stays: its first line says where it listens. */
function startServer(command: string): Promise<string> {
  server = spawn('bash', ['-c', `exec ${command}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let printed = '';
    const listen = (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      if (/http:\/\/127\.0\.0\.1:\d+/.test(printed)) resolve(printed);
    };
    server?.stdout?.on('data', listen);
    server?.stderr?.on('data', listen);
    server?.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${printed}`)));
  });
}

/** Runs all commands of a page. Answers what each of them printed. */
async function follow(page: string): Promise<string[]> {
  const printed: string[] = [];
  const lines = blocks(page, 'sh').flatMap((block) => block.trim().split('\n'));
  for (const line of lines) printed.push(await type(line));
  return printed;
}

const filesOf = (name: string) => readdirSync(join(folder, name)).sort();

/** Pages that a test of their own follows. */
const ELSEWHERE = ['evaluate.md', 'own-documents.md', 'own-domain.md'];

describe('the pages of docs/how-to', () => {
  it('are each followed by a test', () => {
    const tests = readFileSync(import.meta.filename, 'utf8');
    const pages = readdirSync(join(ROOT, 'docs/how-to')).filter((page) => !ELSEWHERE.includes(page));
    expect(pages.filter((page) => !tests.includes(`follow('${page}')`))).toEqual([]);
  });

  it('own-data: rows come out, and a page shows them', async () => {
    const [filtered] = await follow('own-data.md');
    expect(filtered).toContain('240 rows came out');
    expect(filesOf('rows')).toEqual(expect.arrayContaining(['README.md', 'rejected.jsonl', 'rows.jsonl']));
  });

  it('own-model: the plan of another base', async () => {
    const [plan] = await follow('own-model.md');
    expect(plan).toMatch(/remaining\s+(about|nothing)/);
  });

  it('repair: the plan has what finds, learns and proves', async () => {
    const [plan] = await follow('repair.md');
    for (const node of ['repair.failures', 'repair.distill', 'repair.retest', 'repair.keep-model'])
      expect(plan).toContain(node);
  });

  it('own-teacher: two teachers of an unknown provider answer within the budget', async () => {
    const [recipe = ''] = blocks('own-teacher.md', 'yaml');
    const domains = { math: { easy: 6, hard: 6 } } as const;
    const questions = makeQuestions({ domains, split: 'train', unseenShare: 0, seed: '1/synthesize' });
    const provider = await startProviderServer({
      models: ['small', 'large'],
      answer: answerFrom(questions, { small: 0.5, large: 0 }),
    });
    writeFileSync(join(folder, 'recipe.yaml'), recipe.replace('http://localhost:8000', provider.url));
    environment.MY_TEACHER_API_KEY = 'test-key';
    try {
      const [plan, built] = await follow('own-teacher.md');
      expect(plan).toContain('of at most $0.50');
      expect(built).toMatch(/mine:small/);
      expect(built).toMatch(/mine:large/);
    } finally {
      await provider.close();
    }
  });

  it('serve: lists models, answers by the router, and tells its health', async () => {
    const [, models = '', answer = '', health = '', key = '', , metrics = ''] = await follow('serve.md');
    expect(JSON.parse(models).data.map(({ id }: { id: string }) => id)).toContain('tiny:code');
    expect(JSON.parse(answer).choices[0].message.role).toBe('assistant');
    expect(JSON.parse(health).status).toBe('ok');
    expect(key).toMatch(/^[\w-]{43}$/m);
    const names = readFileSync(join(folder, 'keys.jsonl'), 'utf8').trimEnd().split('\n');
    expect(names.map((line) => JSON.parse(line).name)).toEqual(['ann', 'bob']);
    expect(metrics).toContain('cogumi_requests_total{endpoint="/v1/chat/completions",status="200"} 1');
  });

  it('more-machines: two processes train, and a bucket gets what was made', async () => {
    const s3 = await startS3Server('my-bucket');
    Object.assign(environment, s3.environment);
    try {
      const [trained, kept] = await follow('more-machines.md');
      expect(trained).toMatch(/\] train +\d/);
      expect(kept).toMatch(/bundle +\S+tiny\.cogumi/);
      expect(
        [...s3.objects.keys()].filter((name) => name.startsWith('my-bucket/team/artifacts/')).length,
      ).toBeGreaterThan(20);
    } finally {
      s3.close();
    }
  });

  it('hand-over: rows for other trainers, a checked bundle, and its parts', async () => {
    await follow('hand-over.md');
    expect(filesOf('for-trl')).toEqual(expect.arrayContaining(['train.jsonl', 'validation.jsonl']));
    expect(existsSync(join(folder, 'parts/oci-layout'))).toBe(true);
  });
});
