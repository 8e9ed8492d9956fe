// A vitest reporter that writes down what `npm test` and `npm run exam` print: counts, what failed or was skipped and why, durations.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What `sharedData` says when the folder of test data is not there. */
const NO_DATA = /no shared test data/;
/** Of a test that is skipped without a note. */
const OTHER = 'a condition in the test does not hold on this machine';

export default class {
  onTestRunEnd(modules) {
    const report = { passed: 0, failed: 0, failures: [], skipped: [], tests: [], lacksData: false };
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      const tests = [...module.children.allTests()];
      const errors = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
      // Of a hook, or of the file itself: vitest then skips the tests in it, or knows of none.
      const noData = lacksData(errors);
      if (noData === undefined) {
        report.failed += errors.length;
        for (const { message } of errors) report.failures.push({ name: file, why: message });
      } else if (tests.length === 0) report.skipped.push({ file, name: 'all', why: noData });
      report.lacksData ||= noData !== undefined;
      for (const test of tests) {
        const { state, note = noData ?? OTHER, errors: own = [] } = test.result();
        const why = state === 'skipped' ? note : lacksData(own);
        report.lacksData ||= why !== undefined && state === 'failed';
        if (why !== undefined) report.skipped.push({ file, name: test.fullName, why });
        else if (state === 'passed') report.passed++;
        else {
          report.failed++;
          report.failures.push({
            name: `${file} > ${test.fullName}`,
            why: [own[0]?.message ?? state, own[0]?.diff ?? ''].join('\n'),
          });
        }
        report.tests.push({ name: `${file} > ${test.fullName}`, seconds: (test.diagnostic()?.duration ?? 0) / 1000 });
      }
    }
    writeFileSync(process.env.COGUMI_TEST_REPORT, JSON.stringify(report));
  }
}

/** The first error's message, if it says that there is no test data; what fails after it is its consequence. */
function lacksData(errors) {
  const message = errors[0]?.message ?? '';
  return NO_DATA.test(message) ? message.split('\n')[0] : undefined;
}
