import { writeFile } from 'node:fs/promises';
import { EXIT } from '@cogumi/contracts';
import {
  compareRatings,
  compareTask,
  loadTask,
  ownQuestions,
  type QuestionFields,
  TASK_NAMES,
  type Task,
  type TaskName,
  type TaskOptions,
} from '@cogumi/evals';
import { MAX_THREADS } from '@cogumi/llama';
import { type AskedModel, askModel } from '../eval/ask-model.ts';
import { describeEval } from '../eval/describe-eval.ts';
import { describeRatings } from '../eval/describe-ratings.ts';
import { MT_BENCH, openMtBench } from '../eval/open-mt-bench.ts';
import { dollars, priceOf } from '../eval/read-price.ts';
import { oneOf, UsageError, wholeNumber } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** Room for five examples of MMLU and GSM8K (chosen); beyond it a prompt loses its beginning. */
const CONTEXT_TOKENS = 4096;
const SEQUENCES = 4;
const MOST = 2 ** 20;
const NAMES = [...TASK_NAMES, MT_BENCH] as const;

export const verb = defineVerb({
  usage: '[bundle, model.gguf or provider:model] --task <name or file> [--data <folder>] [options]',
  details:
    'Puts benchmarks to a model, item by item as lm-eval 0.4 does: the same prompts, stop texts, ways to read an answer, and scores.\n' +
    'Programs that it writes run in a sandbox without network, files and processes.\n' +
    'Answers are kept in the store: a run that was stopped goes on where it stopped. In a bundle the router decides who answers.\n' +
    'An endpoint, such as openai:gpt-5-mini or vllm:my-model, is asked as a chat; its key and address are in the environment.',
  positionals: { min: 0, max: 1 },
  options: {
    task: {
      type: 'string',
      multiple: true,
      value: '<name>',
      describe: `${NAMES.join(', ')}, or a file of your own in JSON Lines; several times for several`,
    },
    data: {
      type: 'string',
      value: '<folder>',
      describe: "the benchmark's files as published, or folders of them by task",
    },
    question: { type: 'string', value: '<field>', describe: 'of a file of your own: the question; default question' },
    answer: { type: 'string', value: '<field>', describe: 'its right answer; default answer' },
    choices: {
      type: 'string',
      value: '<field>',
      describe: 'a list of choices, of which the likeliest counts; left out: the answer is generated',
    },
    against: {
      type: 'string',
      value: '<model>',
      describe: 'another model for the same questions, which are compared in pairs',
    },
    split: { type: 'string', value: '<name>', describe: 'the file that is asked; default test' },
    shots: { type: 'string', value: '<number>', describe: "examples before each question; default: lm-eval's" },
    limit: { type: 'string', value: '<number>', describe: 'only the first so many questions, of each subject' },
    samples: {
      type: 'string',
      value: '<number>',
      describe: 'answers to each problem of humaneval and mbpp, for pass@k; default 1, the most likely',
    },
    temperature: { type: 'string', value: '<number>', describe: 'of several answers; default 0.2' },
    route: {
      type: 'string',
      value: '<name>',
      describe: '`base` or a modifier of the bundle; default: its router decides',
    },
    context: {
      type: 'string',
      value: '<tokens>',
      describe: `most tokens of a prompt with its answer; default ${CONTEXT_TOKENS}`,
    },
    sequences: { type: 'string', value: '<number>', describe: `answers generated side by side; default ${SEQUENCES}` },
    threads: {
      type: 'string',
      value: '<number>',
      describe: `threads; default: by the size of the file, at most ${MAX_THREADS}`,
    },
    judge: { type: 'string', value: '<provider:model>', describe: 'who rates the answers to mt_bench from 1 to 10' },
    'judge-price': { type: 'string', value: '<in,out>', describe: 'its price, as of --price' },
    passport: {
      type: 'string',
      value: '<file>',
      describe: 'of `cogumi judge --prompts`: with a valid one the ratings are proof, otherwise advice',
    },
    budget: {
      type: 'string',
      value: '<USD>',
      describe: 'most that the answers of endpoints and the judge may cost; default 0',
    },
    price: {
      type: 'string',
      value: '<in,out>',
      describe: 'its price in USD per million tokens, of prompts and answers; default: as it is known',
    },
    output: { type: 'string', value: '<file>', describe: 'write each answer with its scores there, as JSON Lines' },
    ...STORE_OPTION,
  },
  async run({ positionals, options, json, signal }) {
    const names = tasksOf(options.task);
    const number = (
      name: 'shots' | 'limit' | 'samples' | 'context' | 'sequences' | 'threads',
      least: number,
      most: number,
    ) => (options[name] === undefined ? undefined : wholeNumber(name, options[name], least, most));
    const shots = number('shots', 0, 100);
    const limit = number('limit', 1, MOST);
    const samples = number('samples', 1, 1000);
    const temperature = options.temperature === undefined ? undefined : dollars('temperature', options.temperature);
    const taskOptions = {
      ...(samples === undefined ? {} : { samples }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(shots === undefined ? {} : { shots }),
      ...(limit === undefined ? {} : { limit }),
    };
    // All files are read before a model is loaded.
    const tasks = await Promise.all(
      names.filter((name) => name !== MT_BENCH).map((name) => openTask(name, options, taskOptions)),
    );
    const endpoint = {
      store: storeOf(options),
      run: `eval ${new Date().toISOString()} ${process.pid}`,
      budget: dollars('budget', options.budget ?? '0'),
    };
    const settings = {
      ...{ tasks, signal, ...endpoint },
      contextTokens: number('context', 16, MOST) ?? CONTEXT_TOKENS,
      sequences: number('sequences', 1, 255) ?? SEQUENCES,
      threads: number('threads', 1, 512) ?? null,
      price: priceOf(options.price),
    };
    const rated = names.includes(MT_BENCH) ? await openMtBench(options, limit, endpoint, signal) : null;
    const asked: AskedModel[] = [];
    try {
      asked.push(await askModel(positionals[0], options.route ?? null, { ...settings, rated }));
      if (options.against !== undefined) asked.push(await askModel(options.against, null, { ...settings, rated }));
    } finally {
      await rated?.close();
    }
    const [ours, theirs] = asked as [AskedModel, AskedModel?];
    const ratings = theirs?.rated && ours.rated ? compareRatings(ours.rated.items, theirs.rated.items) : null;
    const comparisons =
      theirs === undefined
        ? []
        : tasks.flatMap((task, at) => compareTask(task, itemsOf(ours, at), itemsOf(theirs, at)));
    if (options.output !== undefined) {
      const answered = ours.tasks.flatMap(({ task, items }) => items.map((item) => ({ task, ...item })));
      const dialogues = ours.rated?.items.map((item) => ({ task: MT_BENCH, ...item })) ?? [];
      const lines = [...answered, ...dialogues].map((item) => JSON.stringify(item));
      await writeFile(options.output, lines.map((line) => `${line}\n`).join(''));
    }
    for (const { name, cutPrompts } of asked) {
      if (cutPrompts === 0) continue;
      console.error(
        `${name}: ${cutPrompts} prompts were longer than the context and lost their beginning; --context makes room`,
      );
    }
    const judge = rated && { judge: rated.standing };
    const facts = { ...factsOf(ours), ...judge, ...(theirs ? { against: factsOf(theirs), comparisons, ratings } : {}) };
    if (json) console.log(JSON.stringify(facts));
    else {
      if (tasks.length > 0) console.log(describeEval(asked, comparisons));
      const models = asked.flatMap((model) => model.rated ?? []);
      if (rated) console.log(describeRatings(models, rated.standing, ratings));
    }
    return EXIT.done;
  },
});

const itemsOf = ({ tasks }: AskedModel, at: number) => tasks[at]?.items ?? [];

/** What JSON tells of a model: its scores without its answers. */
function factsOf({ name, digest, cutPrompts, tasks, rated }: AskedModel) {
  const summaries = tasks.map(({ items: _, ...summary }) => summary);
  const ratings = rated && { ...rated.ratings, cached: rated.cached, seconds: rated.seconds };
  return { model: { name, digest }, cutPrompts, tasks: summaries, ...(ratings && { mtBench: ratings }) };
}

/** Tasks by their names, and paths of files. @throws UsageError */
function tasksOf(given: readonly string[] | undefined): string[] {
  if (given !== undefined) return [...new Set(given)];
  throw new UsageError(
    'No task was named.',
    `For example: --task ${TASK_NAMES[0]}. There is ${NAMES.join(', ')}, and any file in JSON Lines.`,
  );
}

interface TaskSource extends QuestionFields {
  readonly data?: string;
  readonly split?: string;
}

/** @throws UsageError; as `loadTask`, `ownQuestions`. */
async function openTask(name: string, { data, split, ...fields }: TaskSource, settings: TaskOptions): Promise<Task> {
  if (/\.jsonl(\.gz)?$/.test(name)) return ownQuestions(name, fields, settings);
  const known = oneOf('task', name, NAMES) as TaskName;
  if (data !== undefined) return loadTask(known, { data, ...(split === undefined ? {} : { split }), ...settings });
  throw new UsageError(`The files of ${name} were not named.`, `For example: --task ${name} --data ./benchmarks`);
}
