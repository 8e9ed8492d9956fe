import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleRow } from '@cogumi/data/testing';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { train } from './stage.ts';

const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => sampleRow({ question: `What is ${at} + 1?`, answer: `${at + 1}` }));
const options = { rank: 2, alpha: 2, learningRate: 1e-3, maxSteps: 3, batchTokens: 128 };

describe('train', () => {
  const engine = testEngine();
  const run = (given: { train: readonly object[]; options?: object }) =>
    runStage(train, {
      engine,
      options: { ...options, ...given.options },
      inputs: {
        model: { folder: join(ROOT, 'models/seedling') },
        rows: { files: { 'train.jsonl': given.train, 'validation.jsonl': rows(2) } },
      },
    });

  it('makes a PEFT adapter, writes its losses down, and shows the steps', async () => {
    const { artifact, path, facts, progress } = await run({ train: rows(40) });
    expect(artifact.manifest.files.map((file) => file.path)).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'losses.jsonl',
    ]);
    expect(JSON.parse(readFileSync(path('adapter_config.json'), 'utf8'))).toMatchObject({ peft_type: 'LORA', r: 2 });
    expect(facts).toMatchObject({ rank: 2, rows: 40, tooLong: 0 });
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 3, unit: 'steps' });
  });

  it('leaves rows out that are too long, with a warning that counts them', async () => {
    const long = sampleRow({ question: 'Why?', answer: 'because '.repeat(80) });
    const { facts, warnings } = await run({ train: [...rows(10), long], options: { maxRowTokens: 64, maxSteps: 1 } });
    expect(facts).toMatchObject({ rows: 10, tooLong: 1 });
    expect(warnings.join(' ')).toMatch(/\b1\b.*64/);
  });

  it('refuses rows of which no token would be trained', async () => {
    const long = sampleRow({ question: 'Why?', answer: 'because '.repeat(80) });
    await expect(run({ train: [long], options: { maxRowTokens: 64 } })).rejects.toMatchObject({
      code: 'NO_TRAINED_TOKEN',
    });
  });
});
