import { afterAll, expect, it } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { sharedLogits } from './shared-logits.ts';

const { modelPath, remove } = await storiesFolder();
const model = await loadModel({ modelPath, adapters: {}, threads: 1, contextTokens: 512, sequences: 2, mixing: false });
afterAll(async () => {
  model.close();
  await remove();
});

const tokens = (text: string) => model.vocabulary.tokenize(text, false, true);
/** As long as two parts that end by their length alone. */
const LONG = 'Once upon a time there was a little girl called Lily. She liked to play in the park. '.repeat(5);
const QUESTIONS = ['Who likes to play?\nAnswer:', 'Where does she play?\nAnswer:'].map((question) =>
  tokens(`A story.\n\n${LONG}\n\n${question}`),
);
const CHOICES = [' Lily', ' the little dog', ' a big red ball'].map((choice) => tokens(choice).slice(1));

/** Reads prompts one after another. @returns Logits, and how many tokens were decoded for each. */
function readAll(asked: readonly { readonly prompt: readonly number[]; readonly from: number }[]) {
  let held: readonly number[] = [];
  let decoded = 0;
  const counting: Model = {
    ...model,
    decode: (entries, hidden) => {
      decoded += entries.length;
      model.decode(entries, hidden);
    },
  };
  return asked.map(({ prompt, from }) => {
    const before = decoded;
    const read = sharedLogits(counting, 0, prompt, { adapter: null, from, held });
    held = read.held;
    return { logits: read.logits, decoded: decoded - before };
  });
}

it('reads another question behind the same examples from where the question begins', () => {
  const asked = QUESTIONS.map((prompt) => ({ prompt, from: prompt.length - 1 }));
  const [first, second] = readAll(asked);
  expect(first?.decoded).toBe(QUESTIONS[0]?.length);
  const examples = tokens(`A story.\n\n${LONG}\n\n`).length;
  expect(second?.decoded).toBe((QUESTIONS[1]?.length ?? 0) - examples);
  expect(second?.logits).toEqual(readAll(asked.slice(1))[0]?.logits);
});

it('reads what choices of several tokens stand behind once', () => {
  const [question = []] = QUESTIONS;
  const asked = CHOICES.map((choice) => ({ prompt: [...question, ...choice], from: question.length - 1 }));
  const read = readAll(asked);
  expect(read.slice(1).map(({ decoded }) => decoded)).toEqual(CHOICES.slice(1).map(({ length }) => length + 1));
  for (const [at, one] of asked.entries()) expect(read[at]?.logits).toEqual(readAll([one])[0]?.logits);
});

it('gives the same bits in any order, wherever logits begin', () => {
  const [question = [], other = []] = QUESTIONS;
  const asked = [question, other, question.slice(0, 120), other.slice(0, 90), question.slice(0, 20)].flatMap((prompt) =>
    [1, 2, 7, 40].flatMap((last) => (last < prompt.length ? [{ prompt, from: prompt.length - last }] : [])),
  );
  const alone = asked.map((one) => readAll([one])[0]?.logits);
  for (const step of [1, 3, 7]) {
    const order = asked.map((_, at) => (at * step) % asked.length);
    const read = readAll(order.map((at) => asked[at] as (typeof asked)[number]));
    for (const [place, at] of order.entries()) expect(read[place]?.logits).toEqual(alone[at]);
  }
});

it('takes no part that was cut otherwise', () => {
  const [question = []] = QUESTIONS;
  const [, inside] = readAll([
    { prompt: question, from: question.length - 1 },
    { prompt: question.slice(0, 120), from: 100 },
  ]);
  expect(inside?.decoded).toBeGreaterThan(20);
});
