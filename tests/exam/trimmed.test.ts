import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../packages/factory/src/testing/test-engine.ts';
import { sharedData } from '../../packages/pure/src/testing/shared-data.ts';
import { readRealModel } from '../architectures/read-real-model.ts';
import { ROOT } from '../start-cogumi.ts';
import { type Lesson, measureTrimmed } from '../trimming/measure-trimmed.ts';

/** Rows that are counted and learned, and those behind them whose tokens are compared. */
const ROWS = 50_000;
const CHATS = 1000;
/**
 * Of them those on which both write: a second of processor time each, of which most goes into reading. If all of 200 are the same, 98% of all
 * such prompts are, for certain (95%).
 */
const PROMPTS = Number(process.env.COGUMI_TRIM_PROMPTS ?? 200);

const REAL = {
  'SmolLM2 135M': {
    source: { name: 'smollm2', template: null, preTokenizer: null },
    whole: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    // 8 bits, as recipes/smollm2.yaml: its file is not held against the one it came from, which has 4.
    options: { size: 30_000, type: 'Q8_0', mostBytes: null },
  },
  'Gemma 3 270M': {
    source: { name: 'gemma3', template: 'gemma', preTokenizer: null },
    whole: 'gemma-3-270m.Q4_K_M.gguf',
    options: { size: 44_000, type: 'Q4_K_M', mostBytes: 100e6 },
  },
} as const;

/** Cleaned Alpaca. Without spaces around answers: Gemma's template takes them away (1 of the 1,000 ends with a line break), SmolLM2's does not. */
function alpaca(): (Lesson & { history: []; source: string })[] {
  const text = gunzipSync(readFileSync(sharedData('alpaca/alpaca_cleaned.jsonl.gz'))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, ROWS + CHATS)
    .map((line, number) => {
      const { instruction, input, output } = JSON.parse(line) as Record<string, string>;
      const question = input ? `${instruction}\n\n${input}` : (instruction as string);
      return {
        question_id: `alpaca_${number}`,
        history: [],
        question,
        answer: (output as string).trim(),
        source: 'alpaca',
      };
    });
}

describe('trimmed vocabularies of real models', () => {
  const engine = testEngine();
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-trimmed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(REAL))('%s', { timeout: 6 * 3_600_000 }, async (name, { source, whole, options }) => {
    const own = join(folder, name);
    const { model } = await readRealModel(engine, source, own);
    const rows = alpaca();
    const [train, heldOut] = [join(own, 'train.jsonl'), join(own, 'held-out.jsonl')];
    const write = (path: string, lines: readonly Lesson[]) =>
      writeFileSync(path, lines.map((row) => `${JSON.stringify(row)}\n`).join(''));
    write(train, rows.slice(0, ROWS));
    write(heldOut, rows.slice(ROWS));
    const output = join(own, 'trimmed');
    mkdirSync(output);
    const facts = await engine.run({
      ...{ job: 'trim-vocabulary', inputs: { model, rows: train, heldOut }, output, seed: 1 },
      options: { size: options.size, coverage: 0.9, rows: ROWS, proofRows: 100 },
    });
    console.log(name, JSON.stringify(facts));
    expect(facts.roundTrips).toBe(facts.texts);
    expect(facts.sameTokens).toBe(facts.keptTexts);
    expect(facts.tuned).toBe(true);
    expect(Number(facts.bitsPerByte) / Number(facts.bitsPerByteBefore)).toBeLessThan(1.01);

    const measured = await measureTrimmed(
      engine,
      {
        ...{ whole: join(ROOT, '.cache/models', whole), model: output, rows: rows.slice(ROWS), work: output },
        type: options.type,
      },
      {
        ...{ chats: CHATS, prompts: PROMPTS, greedyTokens: 8 },
        files: options.mostBytes === null ? null : { texts: 60, answers: 20 },
      },
    );
    console.log(name, JSON.stringify(measured));
    expect(measured.sameChats).toBe(CHATS);
    expect(measured.sameTokens).toBe(PROMPTS);
    // Where two tokens are as likely as each other, f16 and f32 choose differently.
    expect(measured.sameText / PROMPTS).toBeGreaterThan(0.97);
    const { files } = measured;
    if (files === null || options.mostBytes === null) return;
    expect(files.bytes).toBeLessThan(options.mostBytes);
    expect(files.bitsPerByte / files.wholeBitsPerByte).toBeLessThan(1.01);
    expect(files.bytesPerSecond[0]).toBeGreaterThan(files.bytesPerSecond[1]);
  });
});
