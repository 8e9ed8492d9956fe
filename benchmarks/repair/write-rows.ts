import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPairs, readRecords } from '../curate/real-rows.ts';

/**
 * Real rows for `smollm2-real.yaml`, in a folder (default `.cache/repair`):
 *
 * - `tool-calls.jsonl`, of conversations in which an assistant calls functions (LLaMA-Factory's demo of Glaive's set, Apache-2.0): the
 *   functions, what was said before a call, and as the answer the call alone;
 * - `gsm8k.jsonl`, of the training questions of GSM8K (MIT), without the marks of its calculator.
 */
interface Conversation {
  readonly conversations: readonly { readonly from: string; readonly value: string }[];
  /** A list of functions in JSON. */
  readonly tools: string;
}

interface Tool {
  readonly name: string;
  readonly parameters: { readonly properties?: Readonly<Record<string, { readonly type: string }>> };
}

const SPEAKERS: Readonly<Record<string, string>> = {
  human: 'User',
  gpt: 'Assistant',
  function_call: 'Call',
  observation: 'Result',
};

const signatureOf = ({ name, parameters }: Tool) =>
  `${name}(${Object.entries(parameters.properties ?? {})
    .map(([parameter, { type }]) => `${parameter}: ${type}`)
    .join(', ')})`;

const [, , folder = '.cache/repair'] = process.argv;
const found = readRecords('toolcall/glaive_toolcall_en_demo.json.gz') as unknown as Conversation[];
const calls = found.flatMap(({ conversations, tools }) =>
  conversations.flatMap(({ from, value }, at) => {
    if (from !== 'function_call') return [];
    const signatures = (JSON.parse(tools) as Tool[]).map(signatureOf).join('\n');
    const said = conversations.slice(0, at).map((turn) => `${SPEAKERS[turn.from]}: ${turn.value}`);
    const question = `Functions:\n${signatures}\n\n${said.join('\n')}\n\nAnswer with the next call alone, as JSON with "name" and "arguments".`;
    return [{ question, answer: value }];
  }),
);
const problems = readPairs('gsm8k/train.jsonl.gz', 'question', 'answer').map(({ question, answer }) => ({
  question,
  answer: answer.replace(/<<[^>]*>>/g, ''),
}));
mkdirSync(folder, { recursive: true });
for (const [name, rows] of Object.entries({ 'tool-calls': calls, gsm8k: problems })) {
  writeFileSync(join(folder, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  console.log(`${rows.length} rows in ${join(folder, `${name}.jsonl`)}`);
}
