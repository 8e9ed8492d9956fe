import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHubServer, TOKEN } from '@cogumi/data/hub/testing';
import { loadRecipe } from '@cogumi/factory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelShape, SHAPES } from '../hub-recipes/shapes.ts';
import { ROOT, startCogumi } from '../start-cogumi.ts';

const PYTHON = process.env.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');

const folder = mkdtempSync(join(tmpdir(), 'cogumi-dry-run-'));
let server: Awaited<ReturnType<typeof startHubServer>>;
beforeAll(async () => {
  server = await startHubServer({ pageSize: 1000, largeBytes: 2 ** 20 });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A model folder of that shape at an eighth of the width. */
function makeModel(name: string, shape: ModelShape): string {
  const model = join(folder, name);
  mkdirSync(model);
  const { config, preTokenizer, marks, moreMarks, template } = shape;
  writeFileSync(`${model}.json`, JSON.stringify({ config, preTokenizer, marks, moreMarks, template }));
  execFileSync(PYTHON, [join(ROOT, 'tests/hub-recipes/eighth.py'), `${model}.json`, model], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PYTHONPATH: join(ROOT, 'engine'), HF_HUB_DISABLE_PROGRESS_BARS: '1' },
  });
  writeFileSync(join(model, 'README.md'), '---\nlicense: other\nlicense_name: dry-run\n---\n');
  return model;
}

describe.each(Object.keys(SHAPES))('recipes/%s.yaml at an eighth of the width', (name) => {
  it('fetches its base, proves the export and trains the first modifier', { timeout: 1_800_000 }, async () => {
    const shape = SHAPES[name] as ModelShape;
    const path = join(ROOT, `recipes/${name}.yaml`);
    const { base } = await loadRecipe(path);
    const published = {
      kind: 'model',
      access: shape.gated ? 'gated' : 'open',
      commit: base?.revision as string,
    } as const;
    server.publish(shape.id, makeModel(name, shape), published);
    const store = join(folder, `${name}-store`);
    const { code, events, error, stderr } = await startCogumi(
      [
        ...['build', path, '--store', store, '--json', '--sample', '4', '--until', 'code.train'],
        // The converter knows the real tokenizer by its hash.
        ...['--set', `export.preTokenizer=${shape.preTokenizer}`, '--set', 'evaluate.maxTokens=8'],
      ],
      { HF_ENDPOINT: server.endpoint, HF_HOME: join(folder, `${name}-hf`), HF_HUB_CACHE: '', HF_TOKEN: TOKEN },
    ).finished;
    expect({ code, error, stderr }).toEqual({ code: 0, error: null, stderr: '' });
    const outcomes = Object.fromEntries(
      events.flatMap((event) => (event.event === 'stage-end' ? [[event.stage, event.outcome]] : [])),
    );
    expect(outcomes).toMatchObject({ base: 'done', 'export.base': 'done', quantize: 'done', 'code.train': 'done' });
    const open = events.flatMap((event) =>
      event.event === 'gate-judged' && event.stage === 'export.base' && event.gate.verdict !== 'pass'
        ? [event.gate.name]
        : [],
    );
    // Random weights predict nothing; llama.cpp and PyTorch agree on what they say all the same.
    expect(open).toEqual(['reads-prompts']);
    const key = events.flatMap((event) =>
      event.event === 'stage-start' && event.stage === 'base' ? [event.key] : [],
    )[0];
    const { facts } = JSON.parse(readFileSync(join(store, 'artifacts', key as string, 'manifest.json'), 'utf8'));
    expect(facts).toMatchObject({ hub: shape.id, commit: base?.revision, licence: 'dry-run' });
  });
});
