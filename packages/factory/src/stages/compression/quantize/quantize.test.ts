import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel } from '@cogumi/llama';
import { stories260k } from '@cogumi/llama/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { measureAgreement } from './measure-agreement.ts';
import { quantize } from './stage.ts';

const template = { 'tokenizer.chat_template': { text: '{% for m in messages %}{{ m.content }}{% endfor %}' } };
const questions = makeQuestions({
  domains: { reading: { easy: 4, hard: 4 } },
  split: 'test',
  unseenShare: 0,
  seed: 1,
});

describe('measureAgreement', () => {
  it('counts whole prompts until there are enough positions, and every position where the models differ', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogumi-agreement-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const open = async (name: string, bytes: Buffer) => {
      writeFileSync(join(folder, name), bytes);
      const host = await openModel({ modelPath: join(folder, name), sequences: 1, threads: 1 });
      onTestFinished(() => host.close());
      return host;
    };
    const whole = await open('whole.gguf', stories260k());
    // Without its output norm the model has nothing to say: every logit is 0, and the first token wins.
    const mute = stories260k({
      change: (tensor) => (tensor.name === 'output_norm.weight' ? { ...tensor, values: new Float32Array(64) } : tensor),
    });
    const muted = await open('mute.gguf', mute);
    const prompts = ['Once upon a time there was a dog', 'The sun was hot', 'never read'];
    const told: number[] = [];
    const same = await measureAgreement(whole, [whole, muted], prompts, 10, (done) => told.push(done));
    expect(same.agreeing).toEqual([same.positions, 0]);
    expect(told).toHaveLength(2);
    expect(told.at(-1)).toBe(same.positions);

    // What all prompts begin with is the same positions each time, so it counts for none of them.
    const repeated = prompts.map((prompt) => `Lily said: ${prompt}`);
    const all = Number.POSITIVE_INFINITY;
    const behind = await measureAgreement(whole, [whole], repeated, all, () => {});
    const alone = await measureAgreement(whole, [whole], prompts, all, () => {});
    expect(behind).toEqual(alone);
  });
});

describe('quantize', () => {
  const run = (options: object) =>
    runStage(quantize, {
      options,
      inputs: {
        gguf: { files: { 'model.gguf': stories260k({ metadata: template }) } },
        questions: { files: { 'questions.jsonl': questions } },
      },
    });

  it('writes a smaller file that says the same, and measures both', async () => {
    const { gates, facts, artifact } = await run({ type: 'Q8_0', positions: 300 });
    expect(verdicts({ gates })).toEqual({ 'rounding-only': 'pass', 'same-answer': 'pass' });
    const { measured, threshold } = gates.find(({ name }) => name === 'same-answer')!;
    expect(measured).toBeGreaterThan(threshold);
    expect(threshold).toBeGreaterThan(0.5);
    expect(facts.positions).toBeGreaterThanOrEqual(300);
    const { bytes } = artifact.manifest.files.find(({ path }) => path === 'model.gguf')!;
    expect(facts).toMatchObject({ type: 'Q8_0', bytes, parameters: 260_032 });
    // Q8_0 stores 32 weights in 34 bytes; the norms stay in f32 and the tokenizer comes with them.
    expect(facts.bitsPerWeight).toBeGreaterThan(8.5);
    expect(facts.bitsPerWeight).toBeLessThan(11);
  });

  it('fails its gate when a coarse format changes more answers than the recipe allows', async () => {
    const { gates } = await run({ type: 'Q4_0', positions: 300, minAgreement: 0.999 });
    expect(verdicts({ gates })).toEqual({ 'rounding-only': 'pass', 'same-answer': 'fail' });
  });

  it('refuses a model without a chat template before it measures anything', async () => {
    const gguf = { files: { 'model.gguf': stories260k() } };
    const inputs = { gguf, questions: { files: { 'questions.jsonl': questions } } };
    await expect(runStage(quantize, { inputs })).rejects.toMatchObject({ code: 'CHAT_TEMPLATE' });
  });
});
