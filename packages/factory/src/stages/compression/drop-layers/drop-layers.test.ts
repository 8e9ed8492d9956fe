import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { dropLayers } from './stage.ts';

const line = (number: number) => ({
  history: [],
  question: `How much is ${number} and 1?`,
  answer: String(number + 1),
});

describe('drop-layers', () => {
  const engine = testEngine();
  const inputs = {
    model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'Apache-2.0' } },
    rows: { files: { 'train.jsonl': Array.from({ length: 8 }, (_, number) => line(number)) } },
  };

  it('removes as many layers as asked for, and keeps the licence', async () => {
    const { facts } = await runStage(dropLayers, { engine, inputs, options: { layers: 1, calibrationRows: 4 } });
    expect(facts.dropped).toHaveLength(1);
    expect(facts.parameters).toBeLessThan(3_670_000);
    expect(facts.licence).toBe('Apache-2.0');
  });

  it('refuses to remove every layer, with both numbers', async () => {
    const options = { layers: 40, calibrationRows: 4 };
    await expect(runStage(dropLayers, { engine, inputs, options })).rejects.toMatchObject({
      code: 'TOO_FEW_LAYERS',
      message: expect.stringMatching(/has \d+ layers; 40 cannot be removed/),
    });
  });
});
