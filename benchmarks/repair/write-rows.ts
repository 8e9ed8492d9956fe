import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { normaliseText } from '@cogumi/pure';
import { readRecords } from '../curate/real-rows.ts';

/**
 * Real rows for `smollm2-real.yaml`: conversations in which an assistant calls functions (LLaMA-Factory's demo of Glaive's set, Apache-2.0) as
 * questions. Each has the functions, what was said before the first call, and as the answer the call alone. Later calls are left out, since
 * their conversation holds the earlier ones with their answers; so are calls whose request another conversation has in the same words.
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

const [, , target = '.cache/repair/tool-calls.jsonl'] = process.argv;
const found = readRecords('toolcall/glaive_toolcall_en_demo.json.gz') as unknown as Conversation[];
const requests = new Set<string>();
const calls = found.flatMap(({ conversations, tools }) => {
  const at = conversations.findIndex(({ from }) => from === 'function_call');
  if (at === -1) return [];
  const request = normaliseText(conversations.slice(0, at).findLast(({ from }) => from === 'human')?.value ?? '');
  if (requests.has(request)) return [];
  requests.add(request);
  const signatures = (JSON.parse(tools) as Tool[]).map(signatureOf).join('\n');
  const said = conversations.slice(0, at).map(({ from, value }) => `${SPEAKERS[from]}: ${value}`);
  const question = `Functions:\n${signatures}\n\n${said.join('\n')}\n\nAnswer with the next call alone, as JSON with "name" and "arguments".`;
  return [{ question, answer: conversations[at]!.value }];
});
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, calls.map((row) => `${JSON.stringify(row)}\n`).join(''));
console.log(`${calls.length} calls of ${found.length} conversations in ${target}`);
