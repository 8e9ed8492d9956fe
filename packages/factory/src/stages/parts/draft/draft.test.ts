import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { draft } from './stage.ts';

const line = (number: number) => ({
  history: [],
  question: `How much is ${number} and 1?`,
  answer: String(number + 1),
});

describe('draft', () => {
  const engine = testEngine();
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, number) => line(from + number));
  const inputs = {
    model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'Apache-2.0' } },
    rows: { files: { 'train.jsonl': rows(0, 24), 'validation.jsonl': rows(24, 8) } },
  };

  it('makes a model of fewer layers that says more of what the model says than before it learned', async () => {
    const options = { layers: 2, epochs: 20, maxSteps: 8, batchTokens: 512, learningRate: 1e-3 };
    const { facts } = await runStage(draft, { engine, inputs, options });
    expect(facts).toMatchObject({ kept: [0, 3], layers: 2, licence: 'Apache-2.0', steps: 8 });
    expect(facts.parameters).toBeLessThan(3_000_000);
    expect(Number(facts.validationLossAfter)).toBeLessThan(0.9 * Number(facts.validationLossBefore));
    expect(Number(facts.overlap)).toBeGreaterThan(0.05);
    expect(Number(facts.overlap)).toBeLessThan(1);
  });

  it('refuses as many layers as the model has, with both numbers', async () => {
    await expect(runStage(draft, { engine, inputs, options: { layers: 4 } })).rejects.toMatchObject({
      code: 'TOO_FEW_LAYERS',
      message: expect.stringContaining('has 4 layers; a draft of 4 layers'),
    });
  });
});
