// Runs vitest and pytest, adds up what they report, and prints it: used by `npm test` and `npm run exam`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runInForeground } from '../packages/pure/src/process/owned-child.mjs';

export const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, '.cache/test');
/** Enough for an assertion with both values; chosen. */
const LINES_OF_A_FAILURE = 12;

/** Runs a program in the repository, its output shown. @returns Whether it ended with 0. */
export async function run(program, args, environment = {}) {
  return (await runInForeground(program, args, { cwd: ROOT, env: { ...process.env, ...environment } })) === 0;
}

/** @returns `{ passed, failed, failures: [{ name, why }], skipped: [{ file, name, why }], tests: [{ name, seconds }] }`. */
export async function runVitest(args, environment = {}) {
  const report = newReport('vitest.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=dot', `--reporter=${join(ROOT, 'scripts/test-reporter.mjs')}`];
  const ok = await run(process.execPath, ['--conditions=source', vitest, 'run', ...reporters, ...args], {
    ...environment,
    COGUMI_TEST_REPORT: report,
  });
  return read(ok, () => JSON.parse(readFileSync(report, 'utf8')));
}

export async function runPytest(args, environment = {}) {
  const report = newReport('pytest.xml');
  const ok = await run(join(ROOT, '.venv/bin/python'), ['-m', 'pytest', '-q', ...args, `--junitxml=${report}`], {
    PYTHONPATH: 'engine',
    ...environment,
  });
  return read(ok, () => parseJunit(readFileSync(report, 'utf8')));
}

const emptyReport = () => ({ passed: 0, failed: 0, failures: [], skipped: [], tests: [] });

function newReport(name) {
  mkdirSync(REPORTS, { recursive: true });
  const path = join(REPORTS, name);
  rmSync(path, { force: true });
  return path;
}

/** A runner that ends badly without naming a failed test, or without a report, counts as one failure. */
function read(ok, parse) {
  let report = emptyReport();
  const ended = (why) => ({ ...report, failed: 1, failures: [{ name: 'the test runner', why }] });
  try {
    report = parse();
  } catch (error) {
    return ended(`wrote no report that can be read: ${error.message}`);
  }
  // What lacks the test data fails in vitest and counts as skipped here.
  return !ok && report.failed === 0 && !report.lacksData ? ended('ended with an error, but no test failed') : report;
}

/** Of JUnit's XML as pytest writes it: every test one element, with a child when it did not pass. */
function parseJunit(xml) {
  const report = emptyReport();
  const text = (value) =>
    value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  for (const [, attributes, body = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
    const value = (name) => text(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    const file = `engine/${value('classname')
      .replaceAll('.', '/')
      .replace(/^engine\//, '')}.py`;
    report.tests.push({ name: `${file} > ${value('name')}`, seconds: Number(value('time')) });
    const skipped = /<skipped [^>]*message="([^"]*)"/.exec(body);
    if (skipped) report.skipped.push({ file, name: value('name'), why: text(skipped[1]) });
    else if (/<(failure|error)\b/.test(body)) {
      report.failed++;
      report.failures.push({
        name: `${file} > ${value('name')}`,
        why: text(/<(?:failure|error) [^>]*message="([^"]*)"/.exec(body)?.[1] ?? 'failed').replaceAll('&#10;', '\n'),
      });
    } else report.passed++;
  }
  return report;
}

/** Adds up the reports of several runs, each printed in a line of its own as it ends. */
export function createTally() {
  const all = emptyReport();
  return {
    /** Runs one part and adds its report. */
    add: async (name, part) => {
      const started = Date.now();
      const report = await part();
      all.passed += report.passed;
      all.failed += report.failed;
      all.failures.push(
        ...(report.failures ?? (report.failed > 0 ? [{ name, why: 'see what it printed above' }] : [])),
      );
      all.skipped.push(...report.skipped);
      all.tests.push(...report.tests);
      const seconds = Math.round((Date.now() - started) / 1000);
      console.log(`${name}: ${counts(report)} in ${seconds} s`);
    },
    /**
     * Prints the slowest tests, what was skipped, what failed and why, and the counts of all in the last line. What failed comes
     * last, since logs are cut at their beginning. @returns The exit code.
     */
    finish: (slowest = 10) => {
      const slow = all.tests.toSorted((left, right) => right.seconds - left.seconds).slice(0, slowest);
      if (slow.length > 0) console.log(`\nThe ${slow.length} slowest tests:`);
      for (const { name, seconds } of slow) console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
      for (const [why, own] of Map.groupBy(all.skipped, (test) => test.why)) {
        const files = Map.groupBy(own, ({ file }) => file);
        console.log(`\nSkipped, ${own.length} ${own.length === 1 ? 'test' : 'tests'}: ${why}`);
        for (const [file, { length }] of files) console.log(`  ${file} (${length})`);
      }
      if (all.failures.length > 0) console.log('\nFailed:');
      for (const { name, why } of all.failures) {
        const lines = stripVTControlCharacters(why).split('\n').slice(0, LINES_OF_A_FAILURE);
        console.log(`  ${name}\n${lines.map((line) => `      ${line.slice(0, 400)}`).join('\n')}`);
      }
      console.log(`\n${counts(all)}`);
      return all.failed === 0 ? 0 : 1;
    },
  };
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}
