import { labelDifficulty } from '../../packages/data/src/text/labels/label-difficulty.ts';
import { DOMAIN_ORDER, labelDomain } from '../../packages/data/src/text/labels/label-domain.ts';
import { readAlpaca, readPairs, readRecords } from './real-rows.ts';

// Labels by rules, compared with sets of known domain and difficulty.

interface Labelled {
  readonly before: string;
  readonly question: string;
  readonly answer: string;
}
const plain = (pairs: { question: string; answer: string }[]): Labelled[] =>
  pairs.map((pair) => ({ before: '', ...pair }));
const bbh = (task: string) => readPairs(`bbh/${task}.json`, 'input', 'target');
const turns = (path: string, category: string) =>
  readRecords(path)
    .filter((record) => record.category === category)
    .map((record) => ({ before: '', question: (record.turns as string[])[0]!, answer: '' }));

const toolcalls = readRecords('toolcall/glaive_toolcall_en_demo.json.gz').flatMap((record) => {
  const turns = record.conversations as { from: string; value: string }[];
  const at = turns.findIndex(({ from }) => from === 'function_call');
  if (at < 1) return [];
  const before = turns.slice(0, at - 1).map(({ value }) => value);
  return [{ before: before.join('\n'), question: turns[at - 1]!.value, answer: turns[at]!.value }];
});
const sets: Record<string, Labelled[]> = {
  'math: gsm8k': plain(readPairs('gsm8k/train.jsonl.gz', 'question', 'answer')),
  'math: mmlu, five subjects': readRecords('mmlu/val.jsonl.gz')
    .filter(({ subject }) => /mathematics|algebra|statistics/.test(String(subject)))
    .map(({ question }) => ({ before: '', question: String(question), answer: '' })),
  'coding: codealpaca': plain(readAlpaca('codealpaca/code_alpaca_2k.json.gz')),
  'coding: codealpaca new': plain(readAlpaca('codealpaca/new_codealpaca.json.gz')),
  'tool_use: glaive': toolcalls,
  'summarization: t0': plain(readPairs('t0/summarization.jsonl.gz', 'prompt', 'completion')),
  'reading: t0': plain(readPairs('t0/reading.jsonl.gz', 'prompt', 'completion')),
  'common_sense: t0': plain(readPairs('t0/commonsense.jsonl.gz', 'prompt', 'completion')),
  'reasoning: bbh deduction': plain(['logical_deduction_three_objects', 'logical_deduction_five_objects'].flatMap(bbh)),
  'reasoning: bbh tracking, colours': plain(
    [
      'tracking_shuffled_objects_three_objects',
      'tracking_shuffled_objects_five_objects',
      'reasoning_about_colored_objects',
    ].flatMap(bbh),
  ),
  'math: mt_bench, vicuna': [
    ...turns('mt_bench/question.jsonl', 'math'),
    ...turns('vicuna_bench/question.jsonl', 'math'),
  ],
  'coding: mt_bench, vicuna': [
    ...turns('mt_bench/question.jsonl', 'coding'),
    ...turns('vicuna_bench/question.jsonl', 'coding'),
  ],
  'reasoning: mt_bench': turns('mt_bench/question.jsonl', 'reasoning'),
  'common_sense: vicuna': turns('vicuna_bench/question.jsonl', 'common-sense'),
  'instruction_following: mt_bench writing': [
    ...turns('mt_bench/question.jsonl', 'writing'),
    ...turns('vicuna_bench/question.jsonl', 'writing'),
  ],
  'instruction_following: roleplay': plain(readAlpaca('instruct/gpteacher_roleplay.json.gz')),
  '(none): alpaca': plain(readAlpaca('alpaca/alpaca_cleaned.jsonl.gz')),
  '(none): lima': plain(readAlpaca('instruct/lima.json.gz')),
};
const short = (name: string) => name.slice(0, 7);
console.log('rows right', [...DOMAIN_ORDER.map(short), 'null'].join(' '), 'hard');
for (const [name, rows] of Object.entries(sets)) {
  const counts: Record<string, number> = {};
  let hard = 0;
  for (const row of rows) {
    const { domain } = labelDomain(row);
    counts[domain ?? 'null'] = (counts[domain ?? 'null'] ?? 0) + 1;
    if (labelDifficulty(row, domain).difficulty === 'hard') hard++;
  }
  const share = (domain: string) => (((counts[domain] ?? 0) / rows.length) * 100).toFixed(1);
  const wanted = name.slice(0, name.indexOf(':'));
  console.log(
    name.padEnd(40),
    String(rows.length).padStart(6),
    share(wanted).padStart(6),
    '|',
    [...DOMAIN_ORDER, 'null'].map((domain) => share(domain).padStart(6)).join(' '),
    '|',
    ((hard / rows.length) * 100).toFixed(1),
  );
  if (process.argv[2] === name)
    for (const row of rows.filter((one) => labelDomain(one).domain !== wanted).slice(0, 12))
      console.log(
        '   ',
        labelDomain(row).domain,
        labelDomain(row).reasons.join(', '),
        JSON.stringify(row.question.slice(0, 300)),
      );
}

const steps = (answer: string) => answer.split('<<').length - 1;
const gsm8k = readPairs('gsm8k/train.jsonl.gz', 'question', 'answer');
console.log('\ndifficulty: share labelled hard by the number of calculations in GSM8K, answers without their marks');
for (const least of [1, 2, 3, 4, 5, 6, 7]) {
  const own = gsm8k.filter(({ answer }) => steps(answer) === least);
  const hard = own.filter(
    ({ question, answer }) =>
      labelDifficulty({ before: '', question, answer: answer.replaceAll(/<<.*?>>/g, '') }, 'math').difficulty ===
      'hard',
  );
  console.log(least, own.length, (hard.length / own.length).toFixed(3));
}
for (const task of [
  'logical_deduction_three_objects',
  'logical_deduction_five_objects',
  'tracking_shuffled_objects_three_objects',
  'tracking_shuffled_objects_five_objects',
]) {
  const own = bbh(task);
  const hard = own.filter((pair) => labelDifficulty({ before: '', ...pair }, 'reasoning').difficulty === 'hard');
  console.log(task, (hard.length / own.length).toFixed(3));
}
