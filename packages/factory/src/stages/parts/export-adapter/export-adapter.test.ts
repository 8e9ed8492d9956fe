import { join } from 'node:path';
import { readGgufHeader } from '@cogumi/llama';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { loraFiles } from '../../../testing/lora-files.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { exportAdapterStage } from './stage.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('export-adapter', () => {
  const engine = testEngine();
  const run = (size: number) =>
    runStage(exportAdapterStage, {
      engine,
      inputs: {
        model: { folder: join(ROOT, 'models/seedling'), facts: { base: digest } },
        adapter: {
          files: loraFiles('model.layers.0.mlp.down_proj', { rank: 2, in: 768, out: 256, size }),
          facts: { rank: 2 },
        },
      },
    });

  it('makes a GGUF of the same matrices, and passes on rank and base, by which the bundle refuses another base', async () => {
    const { facts, path } = await run(0.1);
    expect(facts).toMatchObject({ rank: 2, base: digest });
    const header = await readGgufHeader(path('adapter.gguf'));
    expect(header.metadata.get('adapter.type')).toBe('lora');
    expect(header.metadata.get('cogumi.base.digest')).toBe(digest);
    expect(header.tensors.map(({ name, shape }) => [name, shape.map(Number)])).toEqual([
      ['blk.0.ffn_down.weight.lora_a', [768, 2]],
      ['blk.0.ffn_down.weight.lora_b', [2, 256]],
    ]);
  });

  it('refuses an adapter that changes nothing', async () => {
    await expect(run(0)).rejects.toMatchObject({ code: 'DEAD_ADAPTER' });
  });
});
