import { stories260k } from '@cogumi/llama/testing';
import { describe, expect, it } from 'vitest';
import { stageContext } from '../testing/stage-context.ts';
import { answeringProcesses, openAnswerers } from './open-answerers.ts';
import { evaluate } from './proof/evaluate/stage.ts';

describe('openAnswerers', () => {
  it('shares requests out and gives each its own answer, as a model alone does', async () => {
    const { context } = await stageContext(evaluate, {
      options: { maxTokens: 8 },
      inputs: { gguf: { files: { 'model.gguf': stories260k() } } },
    });
    const gguf = context.input('gguf');
    const opened: number[] = [];
    const answerers = await openAnswerers(
      {
        openModel: (options) => {
          opened.push(options.sequences ?? 0);
          return context.openModel(options);
        },
      },
      gguf,
      { sequences: 4 },
    );
    expect(opened).toEqual([2, 2]);
    const requests = ['Once upon', 'Lily had', 'The dog', 'One day', 'Tom saw'].map((prompt) => ({
      ...{ prompt, adapter: null, maxTokens: 8, temperature: 0 },
    }));
    const seen: number[] = [];
    const answers = await answerers.completeAll(requests, { onProgress: (done) => seen.push(done) });
    const alone = await context.openModel({ modelPath: gguf.path('model.gguf'), sequences: 1 });
    for (const [at, request] of requests.entries()) {
      expect(answers[at]?.text).toBe((await alone.completeAll([request]))[0]?.text);
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(requests.length);
    expect(seen.at(-1)).toBe(requests.length);
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
  });

  it('holds a large model once', () => {
    expect([answeringProcesses(4e6), answeringProcesses(145e6), answeringProcesses(4.9e9)]).toEqual([2, 2, 1]);
  });
});
