// Builds llama.cpp's llama-bench and llama-server, to compare with: `.cache/llama-tools/build/`. They are compiled from the source of
// the release that Cogumi loads and linked with the same prebuilt libraries. Needs cmake and a C++ compiler (Debian: cmake, g++).
// `--jobs N` (default 2) compiles so many files at a time; `--target FOLDER` builds elsewhere.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runInForeground } from '../../packages/pure/src/process/owned-child.mjs';
import { withLlamaSource } from '../../scripts/llama-source.mjs';

const PLATFORM = 'linux-x64';
const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '2' },
    target: { type: 'string', default: join(root, '.cache/llama-tools') },
  },
});
const target = resolve(values.target);
const source = join(target, 'source');
const build = join(target, 'build');
// Others may work on this machine.
setPriority(19);
if (!existsSync(source)) {
  mkdirSync(target, { recursive: true });
  // Copied under another name first, so that an interrupted copy is not taken for the source.
  const copy = join(target, 'source-part');
  rmSync(copy, { recursive: true, force: true });
  await withLlamaSource(root, (unpacked) => cpSync(unpacked, copy, { recursive: true }));
  renameSync(copy, source);
}
const entry = createRequire(import.meta.url).resolve(`@node-llama-cpp/${PLATFORM}`);
const libraries = join(dirname(dirname(entry)), 'bins', PLATFORM);
await run(
  'cmake',
  '-S',
  join(import.meta.dirname, 'llama-tools'),
  '-B',
  build,
  '-D',
  `LLAMA_SOURCE=${source}`,
  '-D',
  `LLAMA_LIBRARIES=${libraries}`,
);
await run('cmake', '--build', build, '--parallel', values.jobs);
for (const program of ['llama-bench', 'llama-server']) console.log(join(build, program));

async function run(program, ...args) {
  const code = await runInForeground(program, args);
  if (code !== 0) process.exit(code);
}
