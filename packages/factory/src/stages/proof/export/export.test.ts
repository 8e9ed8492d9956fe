import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelHost, openModel } from '@cogumi/llama';
import { stories260k } from '@cogumi/llama/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { measureParity, type Reference } from './measure-parity.ts';
import { parityGates } from './parity-gates.ts';
import { refuseEndlessAnswers } from './refuse-endless-answers.ts';
import { exportStage } from './stage.ts';

describe('parityGates', () => {
  const whole = { prompts: 10, sameTokens: 10, sameText: 8, positions: 200, agreeing: 200 };
  it.each([
    ['passes when all is equal', {}, 'pass', 'pass'],
    ['fails when one prompt is cut into other tokens', { sameTokens: 9 }, 'fail', 'pass'],
    ['passes at the threshold: the set is fixed, so the point decides', { agreeing: 198 }, 'pass', 'pass'],
    ['fails just below the threshold', { agreeing: 197 }, 'pass', 'fail'],
    ['does not judge greedy text', { sameText: 0 }, 'pass', 'pass'],
  ])('%s', (_, change, tokens, answer) => {
    const gates = parityGates({ ...whole, ...change }, { loss: 2, vocabulary: 1000 }, 0.99);
    expect(verdicts({ gates })).toEqual({ 'reads-prompts': 'pass', 'same-tokens': tokens, 'same-answer': answer });
  });

  it('fails a model that reads the prompts worse than guessing: its tokenizer is of another model', () => {
    const gates = parityGates(whole, { loss: 7, vocabulary: 1000 }, 0.99);
    expect(verdicts({ gates })).toMatchObject({ 'reads-prompts': 'fail' });
  });
});

describe('refuseEndlessAnswers', () => {
  const host = { info: { endIds: [2] }, detokenize: async () => '<end>' };

  it('takes a model whose end tokens all end an answer in llama.cpp', async () => {
    await refuseEndlessAnswers(host, [2]);
  });

  it('names those after which llama.cpp would write on', async () => {
    await expect(refuseEndlessAnswers(host, [2, 7])).rejects.toMatchObject({
      code: 'STOP_TOKEN',
      message: expect.stringContaining('<end> (7)'),
    });
  });
});

describe('measureParity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-parity-'));
  let host: ModelHost;
  beforeAll(async () => {
    writeFileSync(join(folder, 'model.gguf'), stories260k());
    host = await openModel({ modelPath: join(folder, 'model.gguf'), sequences: 1, threads: 1 });
  });
  afterAll(async () => {
    await host?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('counts what differs: tokens, the next token at each position, and the greedy text', async () => {
    const prompt = '<s> Once upon a time';
    const ids = await host.tokenize(prompt, { special: true });
    const [{ text, ids: greedyIds } = { text: '', ids: [] }] = await host.completeAll([{ prompt: ids, maxTokens: 8 }]);
    const own: Reference = { prompt, ids: [...ids], greedyIds: [...greedyIds], greedyText: text };
    const values = await host.logits(ids);
    const { vocabularySize } = host.info;
    const shape = [ids.length, vocabularySize];
    // At the first position the reference likes another token best.
    const bent = values.map((logit, at) => (at < vocabularySize ? -logit : logit));
    const references = [own, { ...own, greedyText: 'a hat' }, { ...own, prompt: `${prompt}!` }];
    const logits = new Map([values, bent, values].map((own, at) => [String(at), { shape, values: own }]));
    const parity = await measureParity(host, references, logits, 8, () => {});
    expect(parity).toEqual({
      prompts: 3,
      sameTokens: 2,
      sameText: 2,
      positions: 3 * ids.length,
      agreeing: 3 * ids.length - 1,
    });
  });

  it('refuses a prompt for which there are no logits', async () => {
    const reference = { prompt: 'a', ids: [1], greedyIds: [], greedyText: '' };
    await expect(measureParity(host, [reference], new Map(), 1, () => {})).rejects.toThrow('no logits for prompt 0');
  });
});

describe('export', () => {
  const engine = testEngine();
  const questions = makeQuestions({
    domains: { math: { easy: 3, hard: 3 } },
    split: 'test',
    unseenShare: 0,
    seed: 1,
  });
  const run = (options: object) =>
    runStage(exportStage, {
      engine,
      options: { parity: { prompts: 4, greedyTokens: 8 }, ...options },
      inputs: {
        model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'Apache-2.0' } },
        questions: { files: { 'questions.jsonl': questions } },
      },
    });

  it('makes a file that says in llama.cpp what the model says in PyTorch', async () => {
    const { gates, facts, artifact, progress } = await run({ preTokenizer: 'smollm' });
    expect(verdicts({ gates })).toEqual({ 'reads-prompts': 'pass', 'same-tokens': 'pass', 'same-answer': 'pass' });
    expect(facts).toMatchObject({ licence: 'Apache-2.0', type: 'f16' });
    expect(artifact.manifest.files.map(({ path }) => path)).toEqual(['model.gguf']);
    expect(progress.at(-1)).toEqual({ done: 4, total: 4, unit: 'prompts' });
  });

  it('refuses a tokenizer that the converter does not know, instead of guessing', async () => {
    await expect(run({})).rejects.toMatchObject({ code: 'CONVERT' });
  });
});
