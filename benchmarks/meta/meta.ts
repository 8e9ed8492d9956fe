/**
 * Meta-learning against multi-task training, the plain base and examples in the prompt, on domains that no start has seen; see README.md.
 *
 *     node --conditions=source benchmarks/meta/meta.ts [--seeds 5] [--folder .cache/meta] …
 *
 * A run that was stopped goes on where it stopped: what is measured stands in `results.jsonl` of the folder.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Message, Question } from '../../packages/contracts/src/index.ts';
import { createEngine, type EngineRequest } from '../../packages/factory/src/engine/index.ts';
import { chatPrompt, openModel } from '../../packages/llama/src/index.ts';
import { TASKS } from '../../packages/teachers/src/procedural/index.ts';
import { questionsOf, turnsOf, writeRows } from './rows.ts';
import { type Measured, tellResults } from './tell-results.ts';

const number = (value: string) => ({ type: 'string' as const, default: value });
const { values } = parseArgs({
  options: {
    ...{ seeds: number('5'), first: number('1'), steps: number('20'), questions: number('50') },
    ...{ tokens: number('1024'), rows: number('200'), adaptSteps: number('12') },
    folder: { type: 'string', default: '.cache/meta' },
    learn: { type: 'string', default: 'reasoning,math,reading,summarization,common_sense,instruction_following' },
    hold: { type: 'string', default: 'coding,tool_use' },
    examples: { type: 'string', default: '8,32' },
    starts: { type: 'string', default: 'base,supervised,reptile,fomaml,anil,prompt' },
  },
});
/** Of the adapters. */
const RANK = 16;
/** Peak rate of AdamW, of starts and of what is learned from examples (chosen: nano's without Muon, halved). */
const RATE = 4e-3;
/** Tokens of a step on examples: about eight of them. */
const ADAPT_TOKENS = 512;
/** Rates of the inner steps, of all layers and of the last alone: of 0.3, 1, 3 and 10 those that lowered the loss most on other rows. */
const INNER_RATE = 0.3;
const LAST_LAYER_RATE = 1;

const model = resolve(import.meta.dirname, '../../models/seedling');
const folder = resolve(values.folder);
mkdirSync(folder, { recursive: true });
const engine = createEngine({ threads: 1, logPath: join(folder, 'engine.log') });
const results = join(folder, 'results.jsonl');
const measured: Measured[] = existsSync(results)
  ? readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Measured)
  : [];

function note(one: Measured): void {
  measured.push(one);
  appendFileSync(results, `${JSON.stringify(one)}\n`);
  console.error(JSON.stringify(one));
}

const isMeasured = (wanted: Partial<Measured>) =>
  measured.some((one) => Object.entries(wanted).every(([name, value]) => one[name as keyof Measured] === value));

/** Runs a job into a folder. */
async function job(
  name: 'train' | 'export' | 'export-adapter',
  output: string,
  { inputs, options, seed = 1 }: Pick<EngineRequest, 'inputs' | 'options'> & { readonly seed?: number },
) {
  const facts = await engine.run({ job: name, inputs: { model, ...inputs }, options, output, seed });
  rmSync(join(output, 'work'), { recursive: true, force: true });
  return facts;
}

/** Options of all trainings. @param batchTokens - Tokens of a step. */
const training = (steps: number, learningRate: number, batchTokens: number) => ({
  ...{ rank: RANK, alpha: RANK, learningRate, batchTokens, maxSteps: steps, validateEverySteps: steps },
  ...{ epochs: 1e6, checkpointEverySteps: 1e6, precision: 'f32', maxRowTokens: 1024 },
});

/** Path of an adapter that learned rows of the other domains, all starts the same rows and as many tokens; null: the plain base. */
async function startOf(objective: string, seed: number): Promise<string | null> {
  if (objective === 'base') return null;
  const output = join(folder, `${seed}`, objective);
  if (existsSync(join(output, 'adapter_model.safetensors'))) return output;
  mkdirSync(output, { recursive: true });
  const draw = (split: 'train' | 'test', count: number) =>
    values.learn.split(',').flatMap((domain) => questionsOf(domain, count, { split, seed }));
  const inputs = {
    rows: writeRows(join(folder, `${seed}/rows.jsonl`), draw('train', Number(values.rows))),
    validation: writeRows(join(folder, `${seed}/validation.jsonl`), draw('test', 10)),
  };
  const episodes = {
    ...{ objective, episodesOf: 'source', episodesPerStep: 2, innerSteps: 3 },
    innerRate: objective === 'anil' ? LAST_LAYER_RATE : INNER_RATE,
  };
  const options = { ...training(Number(values.steps), RATE, Number(values.tokens)), ...episodes };
  const { validationLossBefore, validationLossAfter } = await job('train', output, { inputs, options, seed });
  console.error(`seed ${seed}, ${objective}: loss of its own domains ${validationLossBefore} → ${validationLossAfter}`);
  return output;
}

/** Share of right answers. @param examples - Turns before each question. */
async function accuracy(questions: readonly Question[], adapter: string | null, examples: readonly Message[] = []) {
  const requests = questions.map(({ question }) => ({
    prompt: chatPrompt(host.info, [...examples, { role: 'user', content: question }]),
    ...{ adapter, maxTokens: 64, temperature: 0 },
  }));
  const answers = await host.completeAll(requests);
  const verdicts = questions.map(({ task, facts }, at) => TASKS.get(task)!.check(facts, answers[at]!.text));
  return (await Promise.all(verdicts)).filter(({ correct }) => correct).length / questions.length;
}

/** Every start learns the same `k` examples of a domain that it has not seen. */
async function measure(seed: number, k: number, domain: string): Promise<void> {
  const own = join(folder, `${seed}`);
  mkdirSync(own, { recursive: true });
  const questions = questionsOf(domain, Number(values.questions), { split: 'test', seed });
  const examples = questionsOf(domain, k, { split: 'train', seed: `${seed}/${k}` });
  const [rows, validation] = [join(own, `${domain}-${k}.jsonl`), join(own, `${domain}.jsonl`)];
  writeRows(rows, examples);
  writeRows(validation, questions);
  const starts = values.starts.split(',');
  for (const start of starts.filter((name) => name !== 'prompt')) {
    if (isMeasured({ seed, k, domain, start })) continue;
    const adapter = await startOf(start, seed);
    const output = join(own, `${domain}-${k}-${start}`);
    const inputs = { rows, validation, ...(adapter ? { adapter } : {}) };
    const options = training(Number(values.adaptSteps), RATE, ADAPT_TOKENS);
    const facts = await job('train', output, { inputs, options, seed });
    await job('export-adapter', join(output, 'gguf'), { inputs: { adapter: output }, options: {} });
    await host.addAdapter(output, join(output, 'gguf/adapter.gguf'));
    const [before, loss] = [Number(facts.validationLossBefore), Number(facts.validationLossAfter)];
    note({ seed, k, domain, start, before, loss, accuracy: await accuracy(questions, output) });
    rmSync(output, { recursive: true });
  }
  // More do not fit into the context of 1,024 tokens.
  if (k > 8 || !starts.includes('prompt') || isMeasured({ seed, k, domain, start: 'prompt' })) return;
  const prompted = writeRows(join(own, `${domain}-${k}-prompted.jsonl`), questions, examples);
  const output = join(own, `${domain}-${k}-prompted`);
  const inputs = { rows, validation: prompted };
  const facts = await job('train', output, { inputs, options: training(1, RATE, ADAPT_TOKENS) });
  const loss = Number(facts.validationLossBefore);
  const right = await accuracy(questions, null, turnsOf(examples));
  note({ seed, k, domain, start: 'prompt', before: loss, loss, accuracy: right });
  rmSync(output, { recursive: true });
}

const gguf = join(folder, 'base/model.gguf');
if (!existsSync(gguf)) await job('export', join(folder, 'base'), { inputs: {}, options: { preTokenizer: 'smollm' } });
const host = await openModel({ modelPath: gguf, threads: 1, sequences: 16, contextTokens: 1024 });
try {
  const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => Number(values.first) + at);
  for (const k of values.examples.split(',').map(Number))
    for (const seed of seeds) for (const domain of values.hold.split(',')) await measure(seed, k, domain);
  console.log(tellResults(measured));
} finally {
  await host.close();
  await engine.close();
}
