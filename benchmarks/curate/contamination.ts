import type { Benchmark } from '../../packages/data/src/text/contamination/contamination.ts';
import { indexBenchmarks } from '../../packages/data/src/text/contamination/index-benchmarks.ts';
import { createRandom } from '../../packages/pure/src/random/random.ts';
import { perturb } from '../dedup/rows.ts';
import { readAlpaca, readRecords } from './real-rows.ts';

// Recall for test items inserted into Alpaca's rows, and finds in unchanged rows.

const random = createRandom('benchmarks/curate/contamination');
const few = (text: string) => text.split(/\s+/).length < 8;
const mmlu = ['mmlu/val.jsonl.gz', 'mmlu/dev.jsonl.gz'].flatMap(readRecords).map((record) => {
  const { question, choices } = record as { question: string; choices: string[] };
  return few(question) ? [question, ...choices].join('\n') : question;
});
const tasks = [
  'date_understanding',
  'logical_deduction_five_objects',
  'logical_deduction_three_objects',
  'object_counting',
  'reasoning_about_colored_objects',
  'salient_translation_error_detection',
  'sports_understanding',
  'tracking_shuffled_objects_five_objects',
  'tracking_shuffled_objects_three_objects',
  'word_sorting',
  'boolean_expressions',
  'multistep_arithmetic_two',
  'geometric_shapes',
  'dyck_languages',
];
const bbh = tasks.flatMap((task) => readRecords(`bbh/${task}.json`).map(({ input }) => String(input)));
const gsm8k = readRecords('gsm8k/train.jsonl.gz')
  .slice(0, 1319)
  .map(({ question }) => String(question));
const benchmarks: Benchmark[] = [
  { name: 'mmlu', items: mmlu },
  { name: 'bbh', items: bbh },
  { name: 'gsm8k', items: gsm8k },
];

const began = performance.now();
const index = indexBenchmarks(benchmarks);
console.log(
  `index: ${((performance.now() - began) / 1000).toFixed(2)} s,`,
  benchmarks.map(({ name, items }) => `${name} ${items.length}, ${index.unjudged[name]} not judged`).join('; '),
);

const rows = readAlpaca('alpaca/alpaca_cleaned.jsonl.gz').map(({ question, answer }) => `${question}\n${answer}`);
const words = rows.slice(0, 300).join(' ').split(/\s+/);
const edit = (text: string, share: number) => perturb(text, share, words, random);
const part = (text: string, share: number) => {
  const own = text.split(' ');
  const length = Math.ceil(own.length * share);
  const from = random.integer(0, own.length - length);
  return own.slice(from, from + length).join(' ');
};
const plants: Record<string, (item: string) => string> = {
  exact: (item) => item,
  'no punctuation, capitals': (item) => item.toUpperCase().replaceAll(/[.,?!;:]/g, ''),
  '2% of the words changed': (item) => edit(item, 0.02),
  '5% changed': (item) => edit(item, 0.05),
  '10% changed': (item) => edit(item, 0.1),
  'three quarters': (item) => part(item, 0.75),
  half: (item) => part(item, 0.5),
  quarter: (item) => part(item, 0.25),
};
console.log('\nrecall, items inserted after the question of an Alpaca row: mmlu bbh gsm8k');
for (const [name, plant] of Object.entries(plants)) {
  const shares = benchmarks.map(({ name: own, items }) => {
    let found = 0;
    let right = 0;
    for (const item of items) {
      const row = random.pick(rows);
      const contamination = index.findContamination(`${row.slice(0, 60)}\n${plant(item)}\n${row.slice(60)}`);
      if (contamination !== null) found++;
      if (contamination?.benchmark === own) right++;
    }
    return `${(found / items.length).toFixed(3)} (${(right / items.length).toFixed(3)})`;
  });
  console.log(name.padEnd(26), shares.join(' '));
}

for (let round = 0; round < 2; round++) {
  const start = process.cpuUsage();
  const contamination = rows.flatMap((text) => {
    const contamination = index.findContamination(text);
    return contamination === null ? [] : [{ ...contamination, text }];
  });
  const seconds = process.cpuUsage(start).user / 1e6;
  console.log(
    `\nunchanged: ${contamination.length} of ${rows.length} rows, ${Math.round(rows.length / seconds)} rows a second of CPU`,
  );
  if (round === 0) continue;
  for (const { benchmark, item, overlap, text } of contamination) {
    const own = benchmarks.find(({ name }) => name === benchmark)!.items[item]!;
    console.log(
      ` ${benchmark} ${overlap.toFixed(2)} | ${JSON.stringify(own.slice(0, 160))} | ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
}
