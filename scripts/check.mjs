// `npm run check`: format, lint, types, imports and generated files. Prints only what fails.
import { join } from 'node:path';
import { runOwned } from '../packages/pure/src/process/owned-child.mjs';

const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const python = join(root, '.venv/bin/python');
const checks = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-p', '.']],
  ['imports', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'packages']],
  ['Python format', python, ['-m', 'ruff', 'format', '--check', 'engine']],
  ['Python lint', python, ['-m', 'ruff', 'check', 'engine']],
  ['Python types', python, ['-m', 'mypy', '--config-file', 'engine/pyproject.toml', 'engine/cogumi_engine']],
  ['generated files', process.execPath, ['--conditions=source', 'scripts/write-generated.ts', '--check']],
];
let failed = 0;
for (const [name, program, args] of checks) {
  const { code, stdout, stderr } = await runOwned(program, args, { cwd: root });
  if (code === 0) continue;
  failed++;
  console.error(`✗ ${name}\n${stdout}${stderr}`);
}
process.exit(failed === 0 ? 0 : 1);
