import { afterAll, beforeEach, expect, it } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { InspectedPrompts } from './inspected-prompts.ts';

const files = await storiesFolder();
afterAll(() => files.remove());
let model: Model;
beforeEach(async () => {
  model = await loadModel({ modelPath: files.modelPath, sequences: 1, threads: 1, mixing: false, contextTokens: 128 });
  return () => model.close();
});

const MOST = 4;
const prompt = (at: number) => [1, 300 + at, 400];

/** Reads a prompt into the spare sequence, as an inspection does. */
function keep(inspected: InspectedPrompts, tokens: readonly number[]): void {
  const sequence = model.spareSequence;
  model.clearSequence(sequence);
  model.decode(
    tokens.map((token, position) => ({ token, position, sequence, output: true })),
    false,
  );
  inspected.keep('', tokens, sequence);
}

it('takes the room of one prompt however often that is inspected', () => {
  const inspected = new InspectedPrompts(model, MOST);
  keep(inspected, prompt(0));
  const { bytes } = inspected;
  expect(bytes).toBeGreaterThan(0);
  for (let time = 0; time < 10; time++) keep(inspected, prompt(0));
  expect(inspected.bytes).toBe(bytes);
});

it('keeps the newest of many small prompts', () => {
  const inspected = new InspectedPrompts(model, MOST);
  keep(inspected, prompt(0));
  const { bytes } = inspected;
  for (let at = 1; at < 10; at++) keep(inspected, prompt(at));
  expect(inspected.bytes).toBe(MOST * bytes);
  const reused = (at: number) => inspected.share({ sequence: 0, reused: 0 }, '', prompt(at)).reused;
  expect([0, 5, 6, 9].map(reused)).toEqual([0, 0, 2, 2]);
});

it('copies nothing of a prompt that is larger than all that is kept', () => {
  let copied = 0;
  const large: Model = Object.create(model, {
    sequenceBytes: { value: () => 2 ** 30 },
    saveSequence: { value: () => new Uint8Array(++copied) },
  });
  const inspected = new InspectedPrompts(large, MOST);
  keep(inspected, prompt(0));
  expect([copied, inspected.bytes]).toEqual([0, 0]);
});
