// `npm run nano`: builds and tests the nano bundle, then offers a chat with it.
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { runInForeground } from '../packages/pure/src/process/owned-child.mjs';

const cogumi = join(import.meta.dirname, '../packages/cli/bin/cogumi.mjs');
const run = (...args) => runInForeground(process.execPath, [cogumi, ...args]);

const status = await run('build', join(import.meta.dirname, '../recipes/nano.yaml'), ...process.argv.slice(2));
// 4: a gate is inconclusive on this number of questions. The bundle exists, and the report names the gate.
if (status !== 0 && status !== 4) process.exit(status);
if (process.stdin.isTTY && process.stdout.isTTY) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('\nChat with it now? [Y/n] ');
  terminal.close();
  if (/^(y|yes|)$/i.test(answer.trim())) await run('chat', '.cogumi/bundles/nano.cogumi');
} else {
  console.log('\nChat with it:     npm run cogumi -- chat\nServe it:         npm run cogumi -- serve');
}
process.exit(status);
