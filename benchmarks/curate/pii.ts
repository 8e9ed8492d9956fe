import { findPii } from '../../packages/data/src/text/pii/find-pii.ts';
import { readAlpaca, readPairs, readRecords } from './real-rows.ts';

// Finds in real sets, to be checked by reading: kind, then the match with the text around it.
const sets: Record<string, string[]> = {
  alpaca: readAlpaca('alpaca/alpaca_cleaned.jsonl.gz').map(({ question, answer }) => `${question}\n${answer}`),
  codealpaca: readAlpaca('codealpaca/code_alpaca_2k.json.gz').map(({ question, answer }) => `${question}\n${answer}`),
  lima: readAlpaca('instruct/lima.json.gz').map(({ question, answer }) => `${question}\n${answer}`),
  hh: readRecords('hh_rlhf/harmless_base_test.jsonl.gz').map(({ chosen }) => String(chosen)),
  dolly: readPairs('dolly/dolly_6400_flan_t5_xl.jsonl.gz', 'instruction', 'text').map(
    ({ question, answer }) => `${question}\n${answer}`,
  ),
  gsm8k: readPairs('gsm8k/train.jsonl.gz', 'question', 'answer').map(
    ({ question, answer }) => `${question}\n${answer}`,
  ),
  summarization: readPairs('t0/summarization.jsonl.gz', 'prompt', 'completion').map(({ question }) => question),
  toolcall: readRecords('toolcall/glaive_toolcall_en_demo.json.gz').map((record) => JSON.stringify(record)),
};
for (const [name, texts] of Object.entries(sets)) {
  const began = process.cpuUsage();
  const found = texts.map((text) => findPii(text));
  const perRow = process.cpuUsage(began).user / texts.length;
  const counts: Record<string, number> = {};
  for (const { kind } of found.flat()) counts[kind] = (counts[kind] ?? 0) + 1;
  console.log(`${name}: ${texts.length} rows, ${perRow.toFixed(1)} µs of CPU a row,`, counts);
  if (!process.argv.includes('--show')) continue;
  for (const [at, own] of found.entries()) {
    for (const { kind, from, to } of own) {
      const text = texts[at] as string;
      console.log(
        `  ${kind} | ${JSON.stringify(text.slice(from, to))} | ${JSON.stringify(text.slice(Math.max(0, from - 30), to + 15))}`,
      );
    }
  }
}
