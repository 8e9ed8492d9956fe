import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobName, Message } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { chatPrompt, type ModelHost, openModel, quantize } from '@cogumi/llama';
import { countAgreement } from '@cogumi/pure';
import { z } from 'zod';
import { checkArchitecture } from '../../packages/factory/src/artifacts/check-architecture.ts';
import { readF32Tensors } from '../../packages/factory/src/artifacts/read-safetensors.ts';
import type { Engine } from '../../packages/factory/src/engine/index.ts';
import {
  measureParity,
  type Parity,
  Reference,
} from '../../packages/factory/src/stages/proof/export/measure-parity.ts';
import { largestDivergence } from './largest-divergence.ts';

const Lesson = z.object({ question_id: z.string(), question: z.string(), answer: z.string() });
type Lesson = z.infer<typeof Lesson>;

/** A model to put through everything that a build does with one. */
export interface Subject {
  /** Folder in Hugging Face form. */
  readonly model: string;
  /** Questions with answers, JSONL with `question` and `answer`. */
  readonly rows: string;
  readonly preTokenizer: string | null;
  /** Work is left here. */
  readonly work: string;
}

export interface Effort {
  /** Rows on which llama.cpp and PyTorch are compared. */
  readonly prompts: number;
  readonly greedyTokens: number;
  /** Prompts whose logits are on disk at once. */
  readonly promptsAtOnce?: number;
  /** Steps of the adapter's training, each on 512 tokens. */
  readonly steps: number;
}

/** What a line of the parity table says. */
export interface Measured extends Parity {
  /** In config.json. */
  readonly architecture: string;
  /** In the GGUF file. */
  readonly gguf: string;
  /** Largest divergence of the next token's distribution, PyTorch from llama.cpp, in nats. */
  readonly worstKl: number;
  /** Prompts whose text is the same in both; every fourth has a system message. */
  readonly samePrompts: number;
  /** Prompts that contain the system's text, of those that have one. */
  readonly systemKept: number;
  readonly systemGiven: number;
  /** Ids that end an answer in the model's folder and do not in llama.cpp. */
  readonly unknownEnds: readonly number[];
  /** Of the merge in f32: what it lost of the adapter's effect. */
  readonly mergeError: number;
  /** Share of positions at which adapter and merged model agree in llama.cpp, and at which the adapter changes the base's choice. */
  readonly mergedAgreement: number;
  readonly adapterChanges: number;
  /** Share of positions at which the quantized file agrees with the exported one. */
  readonly quantizedAgreement: Readonly<Record<'Q8_0' | 'Q4_K_M', number>>;
  /** Answers of the quantized file that end by themselves, of 8. */
  readonly quantizedStops: number;
}

const SYSTEM = 'You are a friendly guide.';
/** Prompts with their answers on which files of llama.cpp are compared with each other. */
const COMPARED = 12;

/** Loads, exports, adapts, merges and quantizes a model, and compares what llama.cpp makes of it with PyTorch. */
export async function measureArchitecture(engine: Engine, subject: Subject, effort: Effort): Promise<Measured> {
  const { model, work, preTokenizer } = subject;
  const architecture = checkArchitecture(model, JSON.parse(await readFile(join(model, 'config.json'), 'utf8')));
  const run: Run = async (job, inputs, options, output) => {
    await mkdir(output, { recursive: true });
    return engine.run({ job, inputs, options: { ...options }, output, seed: 1 });
  };
  const at = (...parts: readonly string[]) => join(work, ...parts);
  await mkdir(work, { recursive: true });
  const rows = (await readAllJsonl(subject.rows, Lesson)).slice(0, effort.prompts).map((row, number) => ({
    ...row,
    history: number % 4 === 3 ? [{ role: 'system' as const, content: SYSTEM }] : [],
  }));

  await run('export', { model }, { preTokenizer }, at('base'));
  await trainAdapter(subject, rows, run, effort.steps);
  const proof = await run(
    'merge',
    { model, adapter: at('adapter'), rows: at('lessons.jsonl') },
    { proofRows: 8 },
    at('merged'),
  );
  await run('export', { model: at('merged') }, { preTokenizer }, at('merged-gguf'));
  await run('export-adapter', { model, adapter: at('adapter') }, {}, at('adapter-gguf'));
  for (const type of ['Q8_0', 'Q4_K_M'] as const) {
    await quantize({ input: at('base/model.gguf'), output: at(`${type}.gguf`), type, threads: 1 });
  }

  const hosts: ModelHost[] = [];
  const open = async (path: string) => {
    const host = await openModel({ modelPath: path, sequences: 1, threads: 1 });
    hosts.push(host);
    return host;
  };
  try {
    const base = await open(at('base/model.gguf'));
    const { parity, references, worstKl, ends } = await compareWithTorch(base, { ...subject, rows }, run, effort);
    const prompts = references.map(({ ids }) => ids);
    const messages = rows.map(({ history, question }): Message[] => [...history, { role: 'user', content: question }]);
    const rendered = messages.map((turns) => chatPrompt(base.info, turns));
    const given = messages.flatMap(([first], line) => (first?.role === 'system' ? [line] : []));

    await base.addAdapter('own', at('adapter-gguf/adapter.gguf'));
    const merged = await open(at('merged-gguf/model.gguf'));
    const own = (ids: readonly number[]) => base.logits(ids, { adapter: 'own' });
    const plain = (host: ModelHost) => (ids: readonly number[]) => host.logits(ids);
    const chats = references.slice(0, COMPARED).map(({ ids, greedyIds }) => [...ids, ...greedyIds]);
    const compare = (left: Logits, right: Logits) => agreementOf(chats, base.info.vocabularySize, left, right);
    const mergedAgreement = await compare(own, plain(merged));
    const adapterChanges = 1 - (await compare(own, plain(base)));
    const quantizedAgreement = { Q8_0: 0, Q4_K_M: 0 };
    let quantizedStops = 0;
    for (const type of ['Q8_0', 'Q4_K_M'] as const) {
      const host = await open(at(`${type}.gguf`));
      quantizedAgreement[type] = await compare(plain(host), plain(base));
      if (type === 'Q8_0') {
        const answers = await host.completeAll(prompts.slice(0, 8).map((prompt) => ({ prompt, maxTokens: 48 })));
        quantizedStops = answers.filter(({ finishReason }) => finishReason === 'stop').length;
      }
    }
    return {
      ...parity,
      architecture,
      gguf: base.info.architecture,
      worstKl,
      samePrompts: references.filter(({ prompt }, line) => prompt === rendered[line]).length,
      systemKept: given.filter((line) => rendered[line]?.includes(SYSTEM)).length,
      systemGiven: given.length,
      unknownEnds: ends.filter((id) => !base.info.endIds.includes(id)),
      mergeError: Number(proof.mergeError),
      mergedAgreement,
      adapterChanges,
      quantizedAgreement,
      quantizedStops,
    };
  } finally {
    for (const host of hosts) await host.close();
  }
}

type Logits = (ids: readonly number[]) => Promise<Float32Array>;
type Run = (job: JobName, inputs: Record<string, string>, options: object, output: string) => ReturnType<Engine['run']>;

/** The logits of both on the same prompts, part by part: those of a large vocabulary would fill the memory. */
export async function compareWithTorch(
  host: ModelHost,
  { model, work, rows }: Omit<Subject, 'rows'> & { readonly rows: readonly Lesson[] },
  run: Run,
  { promptsAtOnce = rows.length, greedyTokens }: Effort,
) {
  const sum: { -readonly [Name in keyof Parity]: number } = {
    ...{ prompts: 0, sameTokens: 0, sameText: 0, positions: 0, agreeing: 0 },
  };
  const all: Reference[] = [];
  let worstKl = 0;
  let ends: number[] = [];
  for (let from = 0; from < rows.length; from += promptsAtOnce) {
    const part = rows.slice(from, from + promptsAtOnce);
    const [given, output] = [join(work, 'part.jsonl'), join(work, 'logits')];
    await writeJsonl(given, part);
    ends = (await run('logits', { model, rows: given }, { prompts: part.length, greedyTokens }, output))
      .ends as number[];
    const references = await readAllJsonl(join(output, 'prompts.jsonl'), Reference);
    const logits = await readF32Tensors(join(output, 'logits.safetensors'));
    let line = 0;
    const watched: Pick<ModelHost, 'tokenize' | 'logits' | 'completeAll'> = {
      tokenize: host.tokenize,
      completeAll: host.completeAll,
      // What the proof asks for, prompt by prompt; the logits of a whole part would be as large again.
      logits: async (ids) => {
        const ours = await host.logits(ids);
        const theirs = logits.get(String(line++));
        if (!theirs) throw new RangeError(`no logits for prompt ${line - 1}`);
        worstKl = Math.max(worstKl, largestDivergence(theirs.values, ours, theirs.shape[1] as number));
        return ours;
      },
    };
    const parity = await measureParity(watched, references, logits, greedyTokens, () => {});
    for (const name of Object.keys(sum) as (keyof Parity)[]) sum[name] += parity[name];
    all.push(...references);
  }
  return { parity: sum as Parity, references: all, worstKl, ends };
}

/** An adapter on all linear layers that answers in other words. */
async function trainAdapter({ model, work }: Subject, rows: readonly Lesson[], run: Run, steps: number): Promise<void> {
  const lessons = join(work, 'lessons.jsonl');
  await writeJsonl(
    lessons,
    rows.map((row) => ({ ...row, answer: `I see: ${row.answer}` })),
  );
  const options = { rank: 4, alpha: 8, learningRate: 1e-2, epochs: 100, maxSteps: steps, batchTokens: 512 };
  await run(
    'train',
    { model, rows: lessons, validation: lessons },
    { ...options, precision: 'f32' },
    join(work, 'adapter'),
  );
}

async function agreementOf(
  prompts: readonly (readonly number[])[],
  vocabulary: number,
  left: Logits,
  right: Logits,
): Promise<number> {
  let agreeing = 0;
  let positions = 0;
  for (const ids of prompts) {
    agreeing += countAgreement(await left(ids), await right(ids), vocabulary);
    positions += ids.length;
  }
  return agreeing / positions;
}
