import { join } from 'node:path';
import { sampleRow } from '@cogumi/data/testing';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { loraFiles } from '../../../testing/lora-files.ts';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { mergeGates } from './merge-gates.ts';
import { merge } from './stage.ts';

describe('mergeGates', () => {
  const limits = { tolerance: 0.5, floor: 0.001 };
  it.each([
    ['passes on both limits', 0.5, 0.001, 'pass', 'pass'],
    ['fails a logit farther off than the tolerance', 0.51, 1, 'fail', 'pass'],
    ['fails an adapter that hardly changes the base', 0, 0.0009, 'pass', 'fail'],
    ['fails figures that are no numbers', Number.NaN, Number.NaN, 'fail', 'fail'],
  ])('%s', (_, maxAbsoluteDifference, differenceFromBase, equal, alive) => {
    const gates = mergeGates({ maxAbsoluteDifference, differenceFromBase }, limits);
    expect(verdicts({ gates })).toEqual({ 'merged-equals-adapter': equal, 'adapter-alive': alive });
  });
});

describe('merge', () => {
  const engine = testEngine();
  const rows = [
    sampleRow({ question: 'What is 2 + 3?', answer: '5' }),
    sampleRow({ question: 'Say hi.', answer: 'Hi' }),
  ];
  const run = (size: number) =>
    runStage(merge, {
      engine,
      inputs: {
        model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'MIT' } },
        adapter: { files: loraFiles('model.layers.0.self_attn.q_proj', { rank: 2, in: 256, out: 256, size }) },
        rows: { files: { 'validation.jsonl': rows } },
      },
    });

  it('merges an adapter, proves it on the written files, and passes the licence on', async () => {
    const { gates, facts, artifact } = await run(0.1);
    expect(verdicts({ gates })).toEqual({ 'merged-equals-adapter': 'pass', 'adapter-alive': 'pass' });
    expect(facts).toMatchObject({ licence: 'MIT', architecture: 'LlamaForCausalLM' });
    expect(artifact.manifest.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'proof.json', 'tokenizer.json']),
    );
  });

  it('fails its gate for an adapter whose effect is lost in the precision of the base', async () => {
    expect(verdicts(await run(1e-7))).toMatchObject({ 'adapter-alive': 'fail' });
  });

  it('refuses an adapter that is all zero', async () => {
    await expect(run(0)).rejects.toMatchObject({ code: 'DEAD_ADAPTER' });
  });
});
