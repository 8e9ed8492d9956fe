import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedData } from '../packages/pure/src/testing/shared-data.ts';
import { digestOf, startBuild } from './build-tiny.ts';
import { COGUMI, type Finished, ROOT } from './start-cogumi.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a build with thousands of real Alpaca rows beside its own', () => {
  it('ends with a bundle that serves', async () => {
    const path = sharedData('alpaca/alpaca_cleaned.jsonl.gz');
    const source = { path, take: 3000, licence: 'CC-BY-NC-4.0', domain: 'instruction_following' };
    const store = join(folder, 'alpaca');
    const built = await startBuild(store, ['--set', `import.sources=${JSON.stringify([source])}`]).finished;
    expect({ code: built.code, stderr: built.stderr }).toEqual({ code: 0, stderr: '' });
    const read = Object.values(facts(store, built, 'import').bySource as Record<string, object>);
    expect(read).toMatchObject([{ read: 51_924, taken: 3000, rejected: expect.any(Number) }]);
    const { rows, exact, near } = facts(store, built, 'dedup') as Record<string, number>;
    expect((rows as number) + (exact as number) + (near as number)).toBe(facts(store, built, 'curate').rows);
    expect(facts(store, built, 'train').rows).toBeGreaterThan(2000);
    await asked(built);
  });
});

describe('a build on stories260K, a Llama of somebody else with a SentencePiece tokenizer', () => {
  it('ends with a bundle that serves', async () => {
    const base = join(folder, 'stories260K');
    const python = process.env.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
    const helper = join(import.meta.dirname, 'models/stories260k_hf.py');
    const binaries = join(sharedData('models/stories260K/stories260K.bin'), '..');
    execFileSync(python, [helper, binaries, base], { stdio: 'pipe' });
    const store = join(folder, 'stories');
    const settings = [`base.path=${base}`, 'base.licence=MIT', 'export.preTokenizer=null'];
    const built = await startBuild(
      store,
      settings.flatMap((setting) => ['--set', setting]),
    ).finished;
    expect({ code: built.code, stderr: built.stderr }).toEqual({ code: 0, stderr: '' });
    expect(facts(store, built, 'base')).toMatchObject({ parameters: 260_032, licence: 'MIT' });
    // The converter, the tokenizer and the merge are judged against PyTorch inside the build.
    for (const stage of ['export.base', 'export.tuned']) {
      expect(gates(built, stage)).toEqual({ 'reads-prompts': 'pass', 'same-tokens': 'pass', 'same-answer': 'pass' });
    }
    await asked(built);
  });
});

function facts(store: string, { events }: Finished, stage: string): Record<string, unknown> {
  const start = events.find((event) => event.event === 'stage-start' && event.stage === stage);
  const key = start?.event === 'stage-start' ? start.key : '';
  return JSON.parse(readFileSync(join(store, 'artifacts', key, 'manifest.json'), 'utf8')).facts;
}

function gates({ events }: Finished, stage: string): Record<string, string> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.event === 'gate-judged' && event.stage === stage ? [[event.gate.name, event.gate.verdict]] : [],
    ),
  );
}

/** Serves the bundle as a user would and asks it by the official client. */
async function asked(built: Finished): Promise<void> {
  const end = built.events.find((event) => event.event === 'build-end');
  const bundle = end?.event === 'build-end' ? (end.bundle as string) : '';
  expect(existsSync(bundle)).toBe(true);
  const server = spawn(process.execPath, [COGUMI, 'serve', bundle, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const { url, digest } = JSON.parse(line) as { url: string; digest: string };
    expect(digest).toBe(digestOf(built));
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 16,
    });
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
    expect(answer.choices[0]?.message.content).toEqual(expect.any(String));
  } finally {
    server.kill('SIGTERM');
  }
}
