/**
 * `cogumi bench` on SmolLM2-135M against llama.cpp's own programs, with 1 to 64 answers side by side. Fetches the model and builds the
 * programs where they are missing.
 *
 *     node --conditions=source benchmarks/serving/compare.ts [--streams 1,2,4,8,16,32,64] [--tokens 64] [--rounds 3] [--output FOLDER]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMMAND } from '../../packages/cli/src/command.ts';
import { runInForeground } from '../../packages/pure/src/process/owned-child.mjs';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1,2,4,8,16,32,64' },
    tokens: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    output: { type: 'string' },
  },
});
const root = join(import.meta.dirname, '../..');
const model = join(root, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const tools = join(root, '.cache/llama-tools/build');

if (!existsSync(model)) {
  await run(process.env.COGUMI_PYTHON ?? join(root, '.venv/bin/python'), join(root, 'models/smollm2.py'));
}
if (!existsSync(join(tools, 'llama-server'))) {
  await run(process.execPath, join(import.meta.dirname, 'build-llama-tools.mjs'));
}
const [program, ...before] = COMMAND;
const options = { ...values, 'llama-bench': join(tools, 'llama-bench'), 'llama-server': join(tools, 'llama-server') };
const named = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
await run(program as string, ...before, 'bench', model, ...named);

async function run(command: string, ...args: string[]): Promise<void> {
  const code = await runInForeground(command, args);
  if (code !== 0) process.exit(code);
}
