import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantize } from '@cogumi/llama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '../../../artifacts/hash-file.ts';
import { ROOT } from '../../../engine/index.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { dequantize } from './stage.ts';

describe('dequantize', () => {
  const engine = testEngine();
  const model = join(ROOT, 'models/seedling');
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-dequantize-'));
  beforeAll(async () => {
    const options = { type: 'f16', preTokenizer: 'smollm' };
    await engine.run({ job: 'export', inputs: { model }, options, output: folder, seed: 1 });
    mkdirSync(join(folder, 'q8'));
    await quantize({
      input: join(folder, 'model.gguf'),
      output: join(folder, 'q8/model.gguf'),
      ...{ type: 'Q8_0', threads: 1 },
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes tensors of the compressed file, with the tokenizer of the model, and names the file', async () => {
    const gguf = { folder: join(folder, 'q8') };
    const { facts, path } = await runStage(dequantize, { engine, inputs: { gguf, model: { folder: model } } });
    expect(facts).toMatchObject({
      architecture: 'LlamaForCausalLM',
      base: `sha256:${await hashFile(join(folder, 'q8/model.gguf'))}`,
    });
    expect(await hashFile(path('tokenizer.json'))).toBe(await hashFile(join(model, 'tokenizer.json')));
    // The weights are those of the compressed file, not those that it was made from.
    expect(await hashFile(path('model.safetensors'))).not.toBe(await hashFile(join(model, 'model.safetensors')));
  });
});
