// `npm test`: the checks, then every test of both languages. It ends with the slowest tests, what was skipped and why, and one
// line of counts. What takes too long for every change is in `npm run exam`.
import { createTally, run, runPytest, runVitest } from './run-tests.mjs';

const tally = createTally();
await tally.add('checks', async () => {
  const passed = await run(process.execPath, ['scripts/check.mjs']);
  return { passed: Number(passed), failed: Number(!passed), skipped: [], tests: [] };
});
await tally.add('TypeScript', () => runVitest(['packages', 'scripts']));
await tally.add('Python', () => runPytest(['engine/tests']));
await tally.add('journeys', () => runVitest(['tests', '--exclude=tests/exam/**']));
process.exit(tally.finish());
