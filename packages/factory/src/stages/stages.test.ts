import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, PROCEDURAL_TEACHERS } from '@cogumi/contracts';
import { sampleRow } from '@cogumi/data/testing';
import { createRandom, routerScores } from '@cogumi/pure';
import type { TeacherPool } from '@cogumi/teachers';
import { createAnswerCheck, openTeacherPool, TeachersOptions } from '@cogumi/teachers';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { afterAll, describe, expect, it } from 'vitest';
import { mixRows } from './data/mix/mix-rows.ts';
import { answerQuestions } from './data/synthesize/answer-questions.ts';
import { confusionMatrix } from './parts/route/confusion-matrix.ts';
import { trainNetwork } from './parts/route/train-network.ts';
import { scoreAnswers } from './proof/evaluate/score-answers.ts';
import { checkModelFolder } from './start/base/check-model-folder.ts';

const teacherPool = openTeacherPool({
  store: null,
  recipe: 'test',
  run: 'test',
  budget: 0,
  seed: 1,
  teachers: [...PROCEDURAL_TEACHERS],
  options: TeachersOptions.parse({}),
  environment: {},
});
afterAll(() => teacherPool.close());
const { signal } = new AbortController();
const questions = makeQuestions({
  domains: { math: { easy: 150, hard: 150 } },
  split: 'train',
  unseenShare: 0,
  seed: 8,
});
const check = createAnswerCheck(teacherPool, { judge: null, minScore: 7 }, { stage: 'test', signal });

describe('answerQuestions', () => {
  const options = { corrector: 'procedural:master', tiers: [], maxErrorRate: 0.4 };
  const answer = (given: object, asking: Pick<TeacherPool, 'ask'> = teacherPool) =>
    answerQuestions(questions, { ...options, teachers: [], ...given }, check, asking, signal, () => {});

  it('answers every question, by share, and keeps no wrong answer', async () => {
    const teachers = [
      { teacher: 'procedural:master', share: 0.5 },
      { teacher: 'procedural:apprentice', share: 0.5 },
    ];
    const { answered, rejected, tiers } = await answer({ teachers });
    expect(new Set(answered.map(({ question }) => question.question_id)).size).toBe(questions.length);
    expect(rejected.length).toBeGreaterThan(15);
    expect(rejected.every(({ reason }) => reason !== '')).toBe(true);
    const [master, apprentice] = tiers;
    expect(apprentice).toMatchObject({ teacher: 'procedural:apprentice', asked: 150 });
    expect(master?.accepted).toBe(150 + rejected.length);
  });

  it('asks cheap tiers first, and each only what the one before could not answer', async () => {
    const { answered, tiers } = await answer({ tiers: ['procedural:apprentice', 'procedural:master'] });
    expect(answered).toHaveLength(questions.length);
    expect(tiers[0]?.asked).toBe(questions.length);
    expect(tiers[1]?.asked).toBe(questions.length - (tiers[0]?.accepted ?? 0));
    expect(tiers[1]?.asked).toBeGreaterThan(15);
  });

  it('stops after the first hundred when too many are wrong', async () => {
    let asked = 0;
    const counting: Pick<TeacherPool, 'ask'> = {
      ask: (teacher, own, ...rest) => {
        if (teacher === 'procedural:apprentice') asked += own.length;
        return teacherPool.ask(teacher, own, ...rest);
      },
    };
    const teachers = [{ teacher: 'procedural:apprentice', share: 1 }];
    await expect(answer({ teachers, maxErrorRate: 0.05 }, counting)).rejects.toMatchObject({ code: 'ERROR_RATE' });
    expect(asked).toBe(100);
  });
});

describe('mergeRows', () => {
  const row = (question: string, answer: string) => sampleRow({ question, answer });
  it('drops exact repeats and whatever a held-out question asks, but not another answer', () => {
    const heldOut = [{ ...questions[0]!, question: 'What is  1 + 1?' }];
    const mixed = mixRows([row('Hi', 'a'), row('hi ', 'A'), row('Hi', 'b'), row('what is 1 + 1?', '2')], heldOut);
    expect(mixed.kept.map(({ answer }) => answer)).toEqual(['a', 'b']);
    expect(mixed.repeats).toBe(1);
    expect(mixed.leaked.map(({ answer }) => answer)).toEqual(['2']);
  });
});

describe('checkModelFolder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-model-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (tensors: object, bytes: number, config: object = {}) => {
    const header = Buffer.from(JSON.stringify(tensors));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([size, header, Buffer.alloc(bytes)]));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ architectures: ['LlamaForCausalLM'], ...config }));
  };
  const tensor = { w: { dtype: 'BF16', shape: [2, 3], data_offsets: [0, 12] } };

  it('counts the parameters of a whole one, which has a tokenizer', async () => {
    write(tensor, 12);
    await expect(checkModelFolder(folder)).rejects.toThrow('none of tokenizer.json, tokenizer.model and vocab.json');
    writeFileSync(join(folder, 'tokenizer.json'), '{"model"');
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    writeFileSync(join(folder, 'tokenizer.json'), '{}');
    expect(await checkModelFolder(folder)).toMatchObject({ parameters: 6, architecture: 'LlamaForCausalLM' });
  });

  it('refuses a file cut short with both byte counts', async () => {
    write(tensor, 7);
    await expect(checkModelFolder(folder)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/has \d+ bytes; its header promises \d+/),
    });
  });

  it('refuses quantized weights, by config or by tensor', async () => {
    write(tensor, 12, { quantization_config: {} });
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'QUANTIZED_BASE' });
    write({ w: { ...tensor.w, dtype: 'I8' } }, 12);
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'QUANTIZED_BASE' });
  });

  it('refuses a header that is longer than the file, and a folder that is none', async () => {
    writeFileSync(join(folder, 'model.safetensors'), Buffer.from('ffffffffffffff7f', 'hex'));
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    await expect(checkModelFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('the router', () => {
  const random = createRandom('router');
  const examples = Array.from({ length: 400 }, (_, at) => {
    const label = at % 2;
    return {
      label,
      perplexity: at === 0 ? 50 : 2,
      features: Float32Array.from({ length: 8 }, () => random.next() + (label === 1 ? 0.8 : 0)),
    };
  });
  const network = trainNetwork(
    examples,
    2,
    { hidden: [8], epochs: 20, learningRate: 1e-2, weightDecay: 0 },
    createRandom(1),
  );
  const weights = { schema: 1 as const, routes: ['base', 'code'], ...network, perplexityBound: 10 };

  it('learns what can be told apart, and the same bits for the same seed', () => {
    expect(confusionMatrix(weights, examples).accuracy).toBeGreaterThan(0.97);
    expect(
      trainNetwork(examples, 2, { hidden: [8], epochs: 20, learningRate: 1e-2, weightDecay: 0 }, createRandom(1)),
    ).toEqual(network);
    expect(routerScores(weights, examples[1]!.features).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9);
  });

  it('sends a prompt that is strange to the base to the base', () => {
    const strange = [{ ...examples[1]!, perplexity: 11 }];
    expect(confusionMatrix(weights, strange).matrix).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});

describe('scoreAnswers', () => {
  it('counts by domain and by wording', () => {
    const answer = (correct: boolean, unseen: boolean): Answer => ({
      question_id: 'q',
      domain: 'math',
      unseen,
      answer: '',
      tokens: 1,
      finish: 'stop',
      correct,
      reason: '',
    });
    const { all, byDomain } = scoreAnswers([answer(true, false), answer(false, false), answer(true, true)]);
    expect(all).toMatchObject({ questions: 3, correct: 2 });
    expect(byDomain.math?.known).toMatchObject({ questions: 2, correct: 1 });
    expect(byDomain.math?.unseen).toMatchObject({ questions: 1, correct: 1 });
  });
});
