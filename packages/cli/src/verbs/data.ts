import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@cogumi/contracts';
import { build, dataRecipe } from '@cogumi/factory';
import { createTerminalView } from '../build/terminal-view.ts';
import { UsageError } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { COMMAND } from '../run-self.ts';
import { defineVerb } from '../verb.ts';

/** The stages that work on rows, in their order; each runs with all before it. */
const STAGES = ['import', 'curate', 'dedup', 'verify'] as const;

export const verb = defineVerb({
  usage: `<${STAGES.join('|')}> <file…> [options]`,
  details:
    'Runs the data stages of a build on files: JSON Lines, JSON, CSV or Parquet, plain, .gz or .zst. Each runs with those\n' +
    'before it, and what was done before is not done again.',
  positionals: { least: 2, most: 1000 },
  options: {
    ...STORE_OPTION,
    set: {
      type: 'string',
      multiple: true,
      value: '<path=value>',
      describe: 'change one setting, e.g. dedup.threshold=0.9',
    },
    out: { type: 'string', value: '<folder>', describe: 'where the files go; without, they stay in the store' },
  },
  async run({ positionals: [stage = '', ...files], options, json, signal }) {
    if (!(STAGES as readonly string[]).includes(stage)) {
      throw new UsageError(`cogumi data has no stage "${stage}".`, `It has ${STAGES.join(', ')}.`);
    }
    const view = createTerminalView((text) => process.stdout.write(text), process.stdout.isTTY === true);
    const { folder, outcome } = await build(dataRecipe(files, options.set), {
      store: storeOf(options),
      until: stage,
      command: COMMAND,
      now: Date.now,
      signal,
      onEvent: json ? (event) => console.log(JSON.stringify(event)) : view,
    });
    const out = folder !== null && options.out !== undefined ? await copyRows(folder, options.out) : folder;
    if (json) console.log(JSON.stringify({ event: 'data', stage, folder: out }));
    else if (out !== null) console.log(`  rows    ${join(out, 'rows.jsonl')}`);
    return { done: EXIT.done, 'gate-failed': EXIT.gateFailed, inconclusive: EXIT.inconclusive }[outcome];
  },
});

async function copyRows(from: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) if (name.endsWith('.jsonl')) await copyFile(join(from, name), join(to, name));
  return to;
}
