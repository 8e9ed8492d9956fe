import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answer, Question, Row } from '@cogumi/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { COGUMI, type Finished, ROOT, startCogumi } from './start-cogumi.ts';

const GUIDE = readFileSync(join(ROOT, 'docs/how-to/own-domain.md'), 'utf8');
const RECIPE = 'examples/support/recipe.yaml';
const store = mkdtempSync(join(tmpdir(), 'cogumi-domain-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

describe('a domain of one’s own beside a built-in one', () => {
  let built: Finished;
  beforeAll(async () => {
    built = await startCogumi(['build', RECIPE, '--store', store, '--json']).finished;
  });

  it('is built by the command and the settings that the guide shows', () => {
    expect({ code: built.code, stderr: built.stderr, error: built.error }).toEqual({
      code: 0,
      stderr: '',
      error: null,
    });
    expect(GUIDE).toContain(`npm run cogumi -- build ${RECIPE}`);
    const shown = parse(/```yaml\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '');
    const used = parse(readFileSync(join(ROOT, RECIPE), 'utf8'));
    expect(used.domains).toEqual(shown.domains);
    expect(used.modifiers.support).toMatchObject(shown.modifiers.support);
    const example = JSON.parse(/```json\n(.*)\n```/.exec(GUIDE)?.[1] ?? '');
    const examples = readFileSync(join(ROOT, 'examples/support/support.jsonl'), 'utf8').trimEnd().split('\n');
    expect(examples.map((line) => JSON.parse(line))).toContainEqual(example);
  });

  it('is measured on held-out examples, beside held-out questions of the built-in domain', () => {
    const heldOut = lines('support.examples', 'held-out.jsonl', Question);
    for (const stage of ['evaluate.base', 'evaluate.tuned', 'evaluate.quantized']) {
      const byDomain = Map.groupBy(lines(stage, 'answers.jsonl', Answer), ({ domain }) => domain);
      expect([...byDomain.keys()]).toEqual(['coding', 'support']);
      expect(byDomain.get('support')?.map(({ question_id }) => question_id)).toEqual(
        heldOut.map(({ question_id }) => question_id),
      );
      expect(Object.keys(facts(stage).byDomain as object)).toEqual(['coding', 'support']);
    }
    expect(new Set(lines('support.evaluate', 'answers.jsonl', Answer).map(({ domain }) => domain))).toEqual(
      new Set(['support']),
    );
  });

  it('trains on the other examples, and on no held-out one', () => {
    const heldOut = new Set(lines('support.examples', 'held-out.jsonl', Question).map(({ question }) => question));
    const training = new Set(lines('support.examples', 'training.jsonl', Question).map(({ question }) => question));
    expect(heldOut.size + training.size).toBe(240);
    const rows = ['mix', 'support.distill'].flatMap((stage) =>
      ['train.jsonl', 'validation.jsonl'].flatMap((file) => lines(stage, file, Row)),
    );
    const own = rows.filter(({ domain }) => domain === 'support');
    expect(new Set(own.map(({ question }) => question))).toEqual(training);
    expect(rows.filter(({ question }) => heldOut.has(question))).toEqual([]);
    expect(facts('mix').licences).toEqual(['Apache-2.0', 'CC0-1.0']);
  });

  it('has a route of its own, tested on its held-out examples', () => {
    const { routes, examples } = facts('route') as { routes: string[]; examples: Record<string, { prompts: number }> };
    expect(routes).toEqual(['base', 'support', 'code']);
    const { heldOutPerDomain } = parse(readFileSync(join(ROOT, RECIPE), 'utf8')).route;
    expect(examples.support?.prompts).toBe(Math.min(heldOutPerDomain, Number(facts('support.examples').heldOut)));
    expect(gates('route')).toEqual(['known-wordings', 'unseen-wordings', 'general-prompts', 'examples-support']);
    expect(gates('support.evaluate')).toEqual(['against-support']);
  });

  it('is served: a support question is answered by its modifier, a question for code by the other', async () => {
    const end = built.events.find((event) => event.event === 'build-end');
    const bundle = end?.event === 'build-end' ? (end.bundle as string) : '';
    const server = spawn(process.execPath, [COGUMI, 'serve', bundle, '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const url = await urlOf(server);
      const heldOut = lines('support.examples', 'held-out.jsonl', Question);
      const support = await Promise.all(heldOut.slice(0, 5).map(({ question }) => ask(url, question)));
      expect(support.map(({ route }) => route)).toEqual(Array(5).fill('support'));
      expect(support.every(({ answer }) => answer.trim() !== '')).toBe(true);
      const code = await ask(url, 'Write a Python function f(x) that returns x plus 3.');
      expect(code.route).toBe('code');
    } finally {
      server.kill('SIGTERM');
    }
  });

  function folderOf(stage: string): string {
    const start = built.events.find((event) => event.event === 'stage-start' && event.stage === stage);
    return join(store, 'artifacts', start?.event === 'stage-start' ? start.key : '');
  }

  function facts(stage: string): Record<string, unknown> {
    return JSON.parse(readFileSync(join(folderOf(stage), 'manifest.json'), 'utf8')).facts;
  }

  function gates(stage: string): string[] {
    return built.events.flatMap((event) =>
      event.event === 'gate-judged' && event.stage === stage ? [event.gate.name] : [],
    );
  }

  function lines<T>(stage: string, file: string, schema: z.ZodType<T>): T[] {
    const text = readFileSync(join(folderOf(stage), file), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => schema.parse(JSON.parse(line)));
  }
});

async function urlOf(server: ChildProcess): Promise<string> {
  const line = await new Promise<string>((resolve, reject) => {
    server.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return (JSON.parse(line) as { url: string }).url;
}

async function ask(url: string, content: string): Promise<{ answer: string; route: string | null }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content }], temperature: 0, max_tokens: 24 }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return { answer: choices[0]?.message.content ?? '', route: response.headers.get('x-cogumi-route') };
}
