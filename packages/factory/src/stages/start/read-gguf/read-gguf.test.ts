import { join } from 'node:path';
import { createRandom } from '@cogumi/pure';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { readModelSize } from '../../../artifacts/model-size.ts';
import { ROOT } from '../../../engine/index.ts';
import { readGgufSize } from '../../../pipeline/plan/gguf-size.ts';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { exportStage } from '../../proof/export/stage.ts';
import { sampleTexts } from './sample-texts.ts';
import { readGguf } from './stage.ts';
import { tokensGate } from './tokens-gate.ts';

describe('sampleTexts', () => {
  it('gives the same texts for the same seed, in many scripts', () => {
    const texts = sampleTexts(createRandom(1), 1000);
    expect(texts).toEqual(sampleTexts(createRandom(1), 1000));
    for (const script of ['Thai', 'Han', 'Cyrillic', 'Arabic', 'Devanagari', 'Hangul']) {
      expect(texts.some((text) => new RegExp(`\\p{Script=${script}}`, 'u').test(text))).toBe(true);
    }
  });
});

describe('tokensGate', () => {
  it('names the first text with other tokens', () => {
    const compared = { texts: 1000, same: 999, first: '123', types: 'Q4_1' };
    expect(tokensGate(compared)).toMatchObject({ verdict: 'fail', evidence: expect.stringContaining('"123"') });
    expect(tokensGate({ ...compared, same: 1000, first: null })).toMatchObject({ verdict: 'pass' });
  });
});

describe('read-gguf', () => {
  const engine = testEngine();
  const seedling = join(ROOT, 'models/seedling');
  const questions = makeQuestions({ domains: { math: { easy: 1, hard: 1 } }, split: 'test', unseenShare: 0, seed: 1 });

  it('gives a model folder with the tokens of the file, and the plan its size from the header', async () => {
    const exported = await runStage(exportStage, {
      engine,
      options: { parity: { prompts: 1, greedyTokens: 1 }, preTokenizer: 'smollm', type: 'bf16' },
      inputs: { model: { folder: seedling }, questions: { files: { 'questions.jsonl': questions } } },
    });
    const path = join(exported.artifact.folder, 'model.gguf');
    const { gates, facts, artifact } = await runStage(readGguf, {
      engine,
      sources: { model: path },
      options: { licence: 'Apache-2.0' },
    });
    expect(verdicts({ gates })).toEqual({ 'same-tokens': 'pass' });
    expect(gates[0]?.evidence).toContain('dequantized from BF16');
    expect(facts).toMatchObject({ licence: 'Apache-2.0', architecture: 'LlamaForCausalLM', types: ['BF16'] });
    expect(artifact.manifest.files.map(({ path: file }) => file)).toEqual(
      expect.arrayContaining(['chat_template.jinja', 'config.json', 'model.safetensors', 'tokenizer.json']),
    );
    expect(await readGgufSize(path)).toMatchObject({ ...(await readModelSize(seedling)), bits: expect.closeTo(16, 0) });
  });
});
