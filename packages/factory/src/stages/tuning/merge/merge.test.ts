import { join } from 'node:path';
import { sampleRow } from '@cogumi/data/testing';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { loraFiles } from '../../../testing/lora-files.ts';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { type MergeProof, mergeGates } from './merge-gates.ts';
import { proseGate } from './prose-gate.ts';
import { merge } from './stage.ts';

describe('mergeGates', () => {
  const sound: MergeProof = {
    ...{
      positions: 100,
      precision: 'bfloat16',
      effect: 0.5,
      mergeError: 1e-6,
      rounding: 0.01,
      roundingToNearest: 0.01,
      roundingNoise: 0.02,
    },
    ...{ agreement: 0.99, lossInF32: 2, loss: 2.001 },
  };
  it.each<[string, Partial<MergeProof>, string[]]>([
    ['passes a sound merge', {}, []],
    ['fails a merge that loses a fiftieth of the effect', { mergeError: 0.02 }, ['merged-equals-adapter']],
    [
      'fails a merge without an effect to compare with',
      { mergeError: Number.POSITIVE_INFINITY, effect: 0 },
      ['merged-equals-adapter', 'adapter-alive'],
    ],
    ['fails a file that is further off than rounding explains', { rounding: 0.0101 }, ['rounding-only']],
    ['fails an adapter whose effect is smaller than rounding', { effect: 0.019 }, ['adapter-alive']],
    [
      'takes a file in f32 that is the merge itself',
      { rounding: 0, roundingToNearest: 0, roundingNoise: 0, precision: 'float32' },
      [],
    ],
    [
      'fails a file in f32 that is not',
      { rounding: 1e-6, roundingToNearest: 0, roundingNoise: 0, precision: 'float32' },
      ['rounding-only'],
    ],
  ])('%s', (_, change, failed) => {
    const gates = mergeGates({ ...sound, ...change }, 0.01);
    expect(gates.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name)).toEqual(failed);
  });
});

describe('proseGate', () => {
  const proof = { proseWindows: 31, proseLossOfBase: 3, proseError: 0.005 };
  it.each([
    ['no change', 3, 'pass'],
    ['a gain', 2.9, 'pass'],
    ['1.5%, which chance may explain', 3.015, 'pass'],
    ['2.5%, which chance may explain', 3.025, 'inconclusive'],
    ['4%', 3.04, 'fail'],
  ])('%s', (_, proseLoss, verdict) => {
    expect(proseGate({ ...proof, proseLoss }, 1.02)).toMatchObject({ verdict, measured: Math.exp(proseLoss - 3) });
  });
});

describe('merge', () => {
  const engine = testEngine();
  const rows = [
    sampleRow({ question: 'What is 2 + 3?', answer: '5' }),
    sampleRow({ question: 'Say hi.', answer: 'Hi' }),
  ];
  const run = (size: number, prose?: string) =>
    runStage(merge, {
      engine,
      ...(prose && { options: { prose: { path: 'prose.txt' } }, sources: { prose } }),
      inputs: {
        model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'MIT' } },
        adapter: { files: loraFiles('model.layers.0.self_attn.q_proj', { rank: 2, in: 256, out: 256, size }) },
        rows: { files: { 'validation.jsonl': rows } },
      },
    });

  it('merges an adapter, proves it on the written files, and passes the licence on', async () => {
    const { gates, facts, artifact } = await run(0.1);
    expect(verdicts({ gates })).toEqual({
      'merged-equals-adapter': 'pass',
      'rounding-only': 'pass',
      'adapter-alive': 'pass',
    });
    expect(facts).toMatchObject({ licence: 'MIT', architecture: 'LlamaForCausalLM' });
    expect(artifact.manifest.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'proof.json', 'tokenizer.json']),
    );
  });

  it('measures what the adapter costs on prose', async () => {
    const mild = await run(0.01, join(ROOT, 'examples/prose/war-and-peace.txt'));
    expect(verdicts(mild)).toMatchObject({ 'prose-perplexity': 'pass' });
    expect(mild.facts).toMatchObject({ proseWindows: 31 });
    expect(mild.facts.proseLoss).not.toBe(mild.facts.proseLossOfBase);
  });

  it('fails its gate for an adapter whose effect is lost in the precision of the base', async () => {
    expect(verdicts(await run(1e-7))).toMatchObject({ 'adapter-alive': 'fail' });
  });

  it('refuses an adapter that is all zero', async () => {
    await expect(run(0)).rejects.toMatchObject({ code: 'DEAD_ADAPTER' });
  });
});
