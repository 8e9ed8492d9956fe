import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PreviewedRow } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { chatPrompt, chatTokens, type ModelHost, openModel, quantize } from '@cogumi/llama';
import type { Engine } from '../../packages/factory/src/engine/index.ts';
import { compareWithTorch } from '../architectures/measure-architecture.ts';

export interface Lesson {
  readonly question_id: string;
  readonly question: string;
  readonly answer: string;
}

export interface Trimmed {
  /** The file that the model was read from. */
  readonly whole: string;
  /** Folder with the smaller vocabulary. */
  readonly model: string;
  /** Held-out rows, of the kind that it was trimmed for. */
  readonly rows: readonly Lesson[];
  readonly work: string;
  readonly type: 'Q4_K_M' | 'Q8_0';
}

export interface Effort {
  /** Rows whose tokens are compared, question and answer, in llama.cpp and transformers. */
  readonly chats: number;
  /** Rows on whose questions llama.cpp and PyTorch write. */
  readonly prompts: number;
  readonly greedyTokens: number;
  /** What both files are measured on; null: not measured. */
  readonly files: {
    /** Rows that both read. */
    readonly texts: number;
    /** Answers that both generate in turns. */
    readonly answers: number;
  } | null;
}

/** An exported model with fewer tokens, beside the model in PyTorch. */
export interface MeasuredExport {
  readonly chats: number;
  /** Chats with the same tokens in llama.cpp and transformers. */
  readonly sameChats: number;
  readonly prompts: number;
  /** Prompts with PyTorch's ids, and with its greedy text. */
  readonly sameTokens: number;
  readonly sameText: number;
  readonly agreement: number;
}

/** A model with fewer tokens as a quantized file, beside the file that it came from. */
export interface MeasuredFile {
  readonly bytes: number;
  readonly wholeBytes: number;
  /** Of questions and answers; mean over the rows, each counting alike. */
  readonly bitsPerByte: number;
  readonly wholeBitsPerByte: number;
  /** Tokens and bytes of text a second that one thread generates. */
  readonly tokensPerSecond: readonly [trimmed: number, whole: number];
  readonly bytesPerSecond: readonly [trimmed: number, whole: number];
}

/** Exports and quantizes a trimmed model, and measures it against PyTorch and against the file of the whole vocabulary. */
export async function measureTrimmed(
  engine: Engine,
  { whole, model, rows, work, type }: Trimmed,
  effort: Effort,
): Promise<MeasuredExport & { files: MeasuredFile | null }> {
  const run: Parameters<typeof compareWithTorch>[2] = async (job, inputs, options, output) =>
    engine.run({ job, inputs, options: { ...options }, output, seed: 1 });
  await run('export', { model }, { preTokenizer: null }, work);
  const exported = join(work, 'model.gguf');
  const chats = rows.slice(0, effort.chats).map((row) => ({ ...row, history: [] }));
  await writeJsonl(join(work, 'chats.jsonl'), chats);
  await run('preview', { model, rows: join(work, 'chats.jsonl') }, { maxRowTokens: 100_000 }, join(work, 'preview'));
  const previewed = await readAllJsonl(join(work, 'preview/preview.jsonl'), PreviewedRow);

  const host = await openModel({ modelPath: exported, sequences: 1, threads: 1 });
  const part = { model, work, preTokenizer: null, rows: chats.slice(0, effort.prompts) };
  const asked = { prompts: effort.prompts, greedyTokens: effort.greedyTokens, promptsAtOnce: 50, steps: 0 };
  const measure = async () => ({
    sameChats: await countSameChats(host, chats, previewed),
    ...(await compareWithTorch(host, part, run, asked)),
  });
  const { sameChats, parity } = await measure().finally(() => host.close());
  return {
    ...{ chats: chats.length, sameChats, prompts: parity.prompts },
    ...{ sameTokens: parity.sameTokens, sameText: parity.sameText, agreement: parity.agreeing / parity.positions },
    files: effort.files && (await measureFiles({ exported, whole, rows, work, type }, effort.files)),
  };
}

/** Chats whose tokens in llama.cpp begin those of transformers, which end with the marks of the template. */
async function countSameChats(
  host: ModelHost,
  chats: readonly Lesson[],
  previewed: readonly PreviewedRow[],
): Promise<number> {
  let same = 0;
  for (const [line, { question, answer }] of chats.entries()) {
    const prompt = await chatTokens(host, [{ role: 'user', content: question }]);
    const ids = [...prompt, ...(await host.tokenize(answer, { special: false }))];
    const theirs = previewed[line]?.tokens.map(({ id }) => id) ?? [];
    same += Number(theirs.length > ids.length && theirs.slice(0, ids.length).join() === ids.join());
  }
  return same;
}

/** Size, bits per byte and speed of the quantized file and of the one that it came from. */
async function measureFiles(
  { exported, whole, rows, work, type }: Omit<Trimmed, 'model'> & { readonly exported: string },
  effort: { readonly texts: number; readonly answers: number },
): Promise<MeasuredFile> {
  const file = join(work, `${type}.gguf`);
  await quantize({ input: exported, output: file, type, threads: 1 });
  const both: ModelHost[] = [];
  try {
    for (const modelPath of [file, whole]) both.push(await openModel({ modelPath, sequences: 1, threads: 1 }));
    const [small, large] = both as [ModelHost, ModelHost];
    // Both read what the template of the trimmed model writes: a base model has none of its own.
    const promptOf = ({ question }: Lesson) => chatPrompt(small.info, [{ role: 'user', content: question }]);
    const texts = rows.slice(0, effort.texts).map((row) => marked(promptOf(row), row));
    const speeds = await generate(both, rows.slice(0, effort.answers).map(promptOf));
    return {
      bytes: (await stat(file)).size,
      wholeBytes: (await stat(whole)).size,
      bitsPerByte: await bitsPerByte(small, texts),
      wholeBitsPerByte: await bitsPerByte(large, texts),
      tokensPerSecond: speeds.map(({ tokens, seconds }) => tokens / seconds) as [number, number],
      bytesPerSecond: speeds.map(({ bytes, seconds }) => bytes / seconds) as [number, number],
    };
  } finally {
    for (const one of both) await one.close();
  }
}

/** A row as the template writes it, apart from the marks. */
interface Marked {
  readonly before: string;
  readonly question: string;
  readonly between: string;
  readonly answer: string;
}

function marked(prompt: string, row: Lesson): Marked {
  const question = row.question.trim();
  const at = prompt.indexOf(question);
  return { before: prompt.slice(0, at), question, between: prompt.slice(at + question.length), answer: row.answer };
}

/** Bits of questions and answers, by byte; mean over the rows. A base model never learned the marks of a template around them. */
async function bitsPerByte(host: ModelHost, texts: readonly Marked[]): Promise<number> {
  let sum = 0;
  for (const { before, question, between, answer } of texts) {
    const parts = [
      { ids: await host.tokenize(before, { special: true }), counts: false },
      { ids: await host.tokenize(question, { special: false }), counts: true },
      { ids: await host.tokenize(between, { special: true }), counts: false },
      { ids: await host.tokenize(answer, { special: false }), counts: true },
    ];
    const counts = parts.flatMap((part) => part.ids.map(() => part.counts));
    const ids = parts.flatMap((part) => [...part.ids]);
    const logits = await host.logits(ids);
    const width = host.info.vocabularySize;
    let bits = 0;
    for (let at = 0; at + 1 < ids.length; at++) {
      if (!counts[at + 1]) continue;
      const row = logits.subarray(at * width, (at + 1) * width);
      let highest = Number.NEGATIVE_INFINITY;
      for (const value of row) if (value > highest) highest = value;
      let total = 0;
      for (const value of row) total += Math.exp(value - highest);
      bits += (Math.log(total) + highest - row[ids[at + 1] as number]!) / Math.LN2;
    }
    sum += bits / Buffer.byteLength(question + answer);
  }
  return sum / texts.length;
}

/** Each host answers each prompt, in turns, so that both see the same machine. */
async function generate(hosts: readonly ModelHost[], prompts: readonly string[]) {
  const speeds = hosts.map(() => ({ tokens: 0, bytes: 0, seconds: 0 }));
  for (const prompt of prompts) {
    for (const [at, host] of hosts.entries()) {
      const began = performance.now();
      const [answer] = await host.completeAll([{ prompt, maxTokens: 48, temperature: 0 }]);
      const speed = speeds[at]!;
      speed.seconds += (performance.now() - began) / 1000;
      speed.tokens += answer?.ids.length ?? 0;
      speed.bytes += Buffer.byteLength(answer?.text ?? '');
    }
  }
  return speeds;
}
