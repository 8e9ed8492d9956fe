// Builds llama.cpp's llama-bench and llama-server from the source of the prebuilt library, to compare with: `.cache/llama-tools/`.
// Needs cmake and a C++ compiler. Takes 10 to 20 minutes on two cores; `--jobs N` (default 2) compiles so many files at a time.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runInForeground } from '../../packages/pure/src/process/owned-child.mjs';
import { withLlamaSource } from '../../scripts/llama-source.mjs';

/** Without what needs the network or a browser. */
const OPTIONS = {
  CMAKE_BUILD_TYPE: 'Release',
  LLAMA_CURL: 'OFF',
  LLAMA_OPENSSL: 'OFF',
  LLAMA_BUILD_UI: 'OFF',
  LLAMA_BUILD_TESTS: 'OFF',
  LLAMA_BUILD_EXAMPLES: 'OFF',
};
const PROGRAMS = ['llama-bench', 'llama-server'];

const { values } = parseArgs({ options: { jobs: { type: 'string', default: '2' } } });
const root = join(import.meta.dirname, '../..');
const target = join(root, '.cache/llama-tools');
const source = join(target, 'source');
// Others may work on this machine.
setPriority(19);
if (!existsSync(source)) {
  mkdirSync(target, { recursive: true });
  await withLlamaSource(root, (unpacked) => cpSync(unpacked, source, { recursive: true }));
}
await run(
  'cmake',
  '-S',
  source,
  '-B',
  join(target, 'build'),
  ...Object.entries(OPTIONS).map((pair) => `-D${pair.join('=')}`),
);
await run('cmake', '--build', join(target, 'build'), '--parallel', values.jobs, '--target', ...PROGRAMS);
for (const program of PROGRAMS) console.log(join(target, 'build/bin', program));

async function run(program, ...args) {
  const code = await runInForeground(program, args);
  if (code !== 0) process.exit(code);
}
