import { loadIdentifier } from '../../packages/data/src/text/language.ts';
import { identifyRow, measureRow } from '../../packages/data/src/text/score/measure-row.ts';
import { type ScoreParts, scoreRow, totalScore } from '../../packages/data/src/text/score/score-row.ts';
import { createRandom } from '../../packages/pure/src/random/random.ts';
import { type Pair, readAlpaca, readPairs, readRecords } from './real-rows.ts';

// Validity of the score: good rows against broken copies of them, and answers of models of known quality.

const identify = await loadIdentifier();
const random = createRandom('benchmarks/curate/score');

function score(row: Pair): ScoreParts & { score: number } {
  const measures = measureRow(row);
  const parts = scoreRow(measures, identifyRow(row, measures, identify));
  return { ...parts, score: totalScore(parts) };
}

/** Probability that a good row scores above a bad one, ties counting half (Mann-Whitney). */
function auc(good: readonly number[], bad: readonly number[]): number {
  const all = [...good.map((value) => ({ value, good: true })), ...bad.map((value) => ({ value, good: false }))];
  all.sort((left, right) => left.value - right.value);
  let wins = 0;
  let below = 0;
  for (let at = 0; at < all.length; ) {
    let end = at;
    let ties = 0;
    while (end < all.length && all[end]!.value === all[at]!.value) ties += Number(!all[end++]!.good);
    wins += (end - at - ties) * (below + ties / 2);
    below += ties;
    at = end;
  }
  return wins / (good.length * bad.length);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const PARTS = ['score', 'english', 'coherence', 'length', 'complexity'] as const;

const rows = random.sample(
  readAlpaca('alpaca/alpaca_cleaned.jsonl.gz').filter(({ answer }) => answer.split(/\s+/).length >= 12),
  5000,
);
const words = rows.flatMap(({ answer }) => answer.split(/\s+/));
const others = random.shuffle(rows);
const broken: Record<string, (row: Pair, at: number) => string> = {
  'answer of another row': (_row, at) => others[at]!.answer,
  'cut off in the middle': ({ answer }) => {
    const own = answer.split(' ');
    return own.slice(0, Math.ceil(own.length * 0.6)).join(' ');
  },
  'second half repeats the first': ({ answer }) => {
    const half = answer.slice(0, Math.ceil(answer.length / 2));
    return `${half} ${half}`;
  },
  'last line three times': ({ answer }) => `${answer}\n${answer.split('\n').at(-1)}\n${answer.split('\n').at(-1)}`,
  'its words in random order': ({ answer }) => random.shuffle(answer.split(/\s+/)).join(' '),
  'words of other rows': ({ answer }) =>
    answer
      .split(/\s+/)
      .map(() => random.pick(words))
      .join(' '),
  'the question again': ({ question }) => question,
  'a refusal': () => 'I am sorry, but as an AI language model I cannot help with that request.',
  'random letters': ({ answer }) => answer.replaceAll(/[a-z]/g, () => String.fromCharCode(97 + random.integer(0, 25))),
};
const good = rows.map(score);
console.log(`AUC, ${rows.length} rows of Alpaca against broken copies of themselves:`, PARTS.join(' '));
for (const [name, breakIt] of Object.entries(broken)) {
  const bad = rows.map((row, at) => score({ question: row.question, answer: breakIt(row, at) }));
  const aucs = PARTS.map((part) =>
    auc(
      good.map((one) => one[part]),
      bad.map((one) => one[part]),
    ).toFixed(3),
  );
  console.log(name.padEnd(32), aucs.join(' '), 'mean', mean(bad.map((one) => one.score)).toFixed(3));
}
console.log(
  'as they are'.padEnd(32),
  'mean',
  PARTS.map((part) => mean(good.map((one) => one[part])).toFixed(3)).join(' '),
);

console.log('\nDolly, 6,400 prompts, human and Flan-T5 by size: mean', PARTS.join(' '), '; human above, same prompt');
const students = ['small', 'base', 'large', 'xl'].map((size) => ({
  size,
  rows: readPairs(`dolly/dolly_6400_flan_t5_${size}.jsonl.gz`, 'instruction', 'decoded').map(score),
}));
const human = readPairs('dolly/dolly_6400_flan_t5_xl.jsonl.gz', 'instruction', 'text').map(score);
for (const { size, rows: own } of [...students, { size: 'human', rows: human }]) {
  const above = mean(
    own.map((one, at) => Number(human[at]!.score > one.score) + Number(human[at]!.score === one.score) / 2),
  );
  console.log(
    size.padEnd(8),
    PARTS.map((part) => mean(own.map((one) => one[part])).toFixed(3)).join(' '),
    above.toFixed(3),
  );
}

console.log('\nSets: share below 0.4, 0.5, 0.6 and mean', PARTS.join(' '));
const sets: Record<string, Pair[]> = {
  gsm8k: readPairs('gsm8k/train.jsonl.gz', 'question', 'answer'),
  codealpaca: readAlpaca('codealpaca/code_alpaca_2k.json.gz'),
  lima: readAlpaca('instruct/lima.json.gz'),
  alpaca: readAlpaca('alpaca/alpaca_cleaned.jsonl.gz').slice(0, 10000),
  t0_reading: readPairs('t0/reading.jsonl.gz', 'prompt', 'completion'),
  arithmetic: readRecords('bbh/multistep_arithmetic_two.json').map(({ input, target }) => ({
    question: String(input),
    answer: String(target),
  })),
};
for (const [name, own] of Object.entries(sets)) {
  const scores = own.map(score);
  const shares = [0.4, 0.5, 0.6].map((bound) =>
    (scores.filter((one) => one.score < bound).length / own.length).toFixed(3),
  );
  console.log(
    name.padEnd(12),
    shares.join(' '),
    '|',
    PARTS.map((part) => mean(scores.map((one) => one[part])).toFixed(3)).join(' '),
  );
}
