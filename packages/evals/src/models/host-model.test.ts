import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelHost, openModel } from '@cogumi/llama';
import { stories260k } from '@cogumi/llama/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../tasks/task.ts';
import type { EvalModel } from './eval-model.ts';
import { hostModel } from './host-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-host-'));
const { signal } = new AbortController();
let host: ModelHost;
let model: EvalModel;
let cut = 0;
beforeAll(async () => {
  const modelPath = join(folder, 'stories.gguf');
  writeFileSync(modelPath, stories260k());
  host = await openModel({ modelPath, sequences: 2, threads: 1 });
  model = hostModel(host, { name: 'stories', digest: 'sha256:1', adapter: null, sequences: 2, onCut: () => cut++ });
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

const START = 'Once upon a time, there was a little girl named';
const asked = (prompt: string, maxTokens: number, ...stop: string[]): GenerationRequest => ({
  kind: 'generate',
  prompt,
  stop,
  maxTokens,
});
const chosen = (context: string, ...choices: string[]) =>
  model.logLikelihoods({ kind: 'choose', context, choices }, signal);

describe('hostModel', () => {
  it('generates the likeliest text, up to a stop text', async () => {
    const [free, stopped] = await model.generate([asked(START, 8), asked(START, 40, 'play', '.')], signal);
    expect(free).toMatch(/^ Lily/);
    expect(stopped).toBe(' Lily');
  });

  it('says how likely choices of one token and of several are, as the decoder does', async () => {
    const ids = await host.tokenize(START, { addBos: true });
    const [written] = await host.completeAll([{ prompt: ids, maxTokens: 6, logprobs: true }]);
    const expected = written?.logprobs.reduce((sum, value) => sum + value, 0) as number;
    const [all, other] = await chosen(START, written?.text as string, ' xylophone');
    expect(all).toBeCloseTo(expected, 3);
    expect(other).toBeLessThan(all as number);
    // Spaces between context and choice belong to the choice, wherever they are.
    expect((await chosen(`${START} `, 'Lily'))[0]).toBeCloseTo((await chosen(START, ' Lily'))[0] as number, 9);
  });

  it('cuts the beginning of a prompt that is too long, and says so', async () => {
    const story = 'The cat sat on the mat. '.repeat(80);
    cut = 0;
    const [answer] = await model.generate([asked(story + START, 8)], signal);
    expect(answer).not.toBe('');
    const [likelihood] = await chosen(story + START, ' Lily');
    expect(Number.isFinite(likelihood)).toBe(true);
    expect(cut).toBe(2);
    await expect(model.generate([asked(START, 512)], signal)).rejects.toMatchObject({ code: 'EVAL_CONTEXT' });
  });
});
