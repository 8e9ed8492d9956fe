// `npm test`: runs the checks and all tests of both languages. The last line counts them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const results = join(root, '.cache/test');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const run = (program, args, environment = {}) =>
  spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } }).status === 0;

let passed = 0;
let failed = 0;
/** If a runner fails without naming a failed test, that counts as one failure. */
const add = (name, ok, counts) => {
  passed += counts.passed;
  failed += counts.failed;
  if (!ok && counts.failed === 0) failed++;
  console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed${ok ? '' : ' (the runner failed)'}`);
};

const checked = run(process.execPath, ['scripts/check.mjs']);
add('checks', checked, { passed: checked ? 1 : 0, failed: checked ? 0 : 1 });

const vitest = (name, args) => {
  const file = join(results, `${name}.json`);
  const ok = run(process.execPath, [
    '--conditions=source',
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...args,
  ]);
  let counts = { passed: 0, failed: 0 };
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    counts = { passed: numPassedTests, failed: numFailedTests };
  } catch {
    // There is no result file; `add` counts one failure.
  }
  add(name, ok, counts);
};
vitest('TypeScript', ['packages', 'scripts']);

const file = join(results, 'engine.xml');
const ok = run(join(root, '.venv/bin/python'), ['-m', 'pytest', '-q', 'engine/tests', `--junitxml=${file}`], {
  PYTHONPATH: 'engine',
});
const counts = { passed: 0, failed: 0 };
try {
  const xml = readFileSync(file, 'utf8');
  const number = (name) => Number(new RegExp(`${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  counts.failed = number('failures') + number('errors');
  counts.passed = number('tests') - counts.failed - number('skipped');
} catch {
  // There is no result file; `add` counts one failure.
}
add('Python', ok, counts);
vitest('journeys', ['tests']);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
