#!/usr/bin/env node
// Plain JavaScript that Node 18 and later can run. It answers --help and --version itself and becomes Node 24 for everything
// else. If the system's Node is older, Node 24 comes from the npm package "node", which is a dependency.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typedCommand } from './typed-command.mjs';

const LEAST_NODE = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const typed =
  process.env.COGUMI_COMMAND ??
  typedCommand({ environment: process.env, folder: currentFolder(), launcher: fileURLToPath(import.meta.url) });
const [first] = process.argv.slice(2);

if (first === undefined || first === '--help' || first === '-h' || first === 'help') help();
else if (first === '--version' || first === '-v') console.log(`cogumi ${read('package.json').version}`);
else await run();

/** The root where the current folder has been removed: the verb says so. */
function currentFolder() {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

function help() {
  const source = existsSync(join(root, 'src/verbs/summaries.json'));
  const verbs = Object.entries(read(source ? 'src/verbs/summaries.json' : 'dist/verbs/summaries.json'));
  const width = Math.max(...verbs.map(([name]) => name.length));
  const lines = verbs.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`);
  console.log(`cogumi: build a small, tested model system of your own, and serve it

usage: ${typed} <verb> [options]

${lines.join('\n')}

Every verb takes --help and --json.
Exit codes: 0 done, 1 failed, 2 a gate failed, 3 usage or recipe error, 4 inconclusive, 130 interrupted.`);
}

async function run() {
  const source = join(root, 'src/main.ts');
  const flags = existsSync(source) ? ['--conditions=source', source] : [join(root, 'dist/main.js')];
  // Messages name commands as they work here.
  process.env.COGUMI_COMMAND = typed;
  const [program, args] = [node(), [...flags, ...process.argv.slice(2)]];
  // Node 22.15 and later. Nobody is left between the caller and the command: signals and exit codes need not be passed on.
  if (process.execve && process.platform !== 'win32') process.execve(program, [program, ...args], process.env);
  const owned = existsSync(source) ? '../../pure/src/process/owned-child.mjs' : '@cogumi/pure/process';
  const { runInForeground } = await import(owned);
  process.exitCode = await runInForeground(program, args).catch(({ message }) =>
    fail('NODE_MISSING', `Node ${LEAST_NODE} could not be started: ${message}`),
  );
}

function node() {
  if (Number(process.versions.node.split('.')[0]) >= LEAST_NODE) return process.execPath;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(path)) return path;
  } catch {
    // The package is not installed; the error below says so.
  }
  return fail(
    'NODE_MISSING',
    `Cogumi needs Node ${LEAST_NODE}. This is ${process.version}, and the npm package "node" is not installed.`,
  );
}

function fail(code, message) {
  console.error(`error ${code}: ${message}\n  Run \`npm install\` again, or install Node ${LEAST_NODE}.`);
  process.exit(1);
}
