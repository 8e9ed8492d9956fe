import { z } from 'zod';
import { DraftOptions } from './draft.ts';
import { DropLayersOptions } from './drop-layers.ts';
import {
  DequantizeOptions,
  ExportAdapterJobOptions,
  ExportOptions,
  ImportAdapterOptions,
  LogitsOptions,
  ReadGgufOptions,
} from './export.ts';
import { MergeOptions } from './merge.ts';
import { PretrainOptions } from './pretrain.ts';
import { PreviewOptions } from './preview.ts';
import { TrainJobOptions } from './train.ts';
import { TrimVocabularyOptions } from './trim-vocabulary.ts';

/** Every job of the engine, by name, with its options. Python receives these as JSON Schema and as dataclasses. */
export const JOBS = {
  pretrain: PretrainOptions,
  train: TrainJobOptions,
  merge: MergeOptions,
  'trim-vocabulary': TrimVocabularyOptions,
  'drop-layers': DropLayersOptions,
  draft: DraftOptions,
  export: ExportOptions,
  'export-adapter': ExportAdapterJobOptions,
  'import-adapter': ImportAdapterOptions,
  dequantize: DequantizeOptions,
  'read-gguf': ReadGgufOptions,
  logits: LogitsOptions,
  preview: PreviewOptions,
} as const;
export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

/** The job file that a worker reads. Paths are absolute; `options` is validated and completed by the job's schema. */
export const EngineJob = z.strictObject({
  job: z.enum(JOB_NAMES as [JobName, ...JobName[]]),
  version: z.literal(1).describe('Of this protocol.'),
  inputs: z.record(z.string(), z.string()).describe('Name to path of a file or folder.'),
  options: z.record(z.string(), z.json()),
  output: z.string().describe('Folder to fill; may hold checkpoints of a killed run.'),
  seed: z.int().nonnegative(),
  threads: z.int().positive(),
  device: z.enum(['cpu', 'cuda']),
  shard: z
    .boolean()
    .optional()
    .describe('Whether processes that share the job cut the frozen weights of the base among them; left out: no.'),
});
export type EngineJob = z.infer<typeof EngineJob>;

/** One line of JSON on the worker's event descriptor (fd 3). */
export const EngineEvent = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('ready'),
    versions: z.record(z.string(), z.string()).describe('Library to version; goes into artifact keys.'),
    device: z.string().describe('Kind of device, e.g. `cpu` or `NVIDIA H100`; no host name.'),
    bf16: z.boolean().describe('Whether the device trains faster in bf16 than in f32.'),
  }),
  z.strictObject({
    event: z.literal('progress'),
    done: z.number(),
    total: z.number(),
    unit: z.string().describe('What is counted: `steps`, `rows`.'),
    tokensPerSecond: z.number().nullable(),
    memoryBytes: z.number().nullable().describe('Resident set of the worker.'),
  }),
  z.strictObject({ event: z.literal('metric'), name: z.string(), step: z.int(), value: z.number() }),
  z.strictObject({ event: z.literal('warning'), message: z.string() }),
  z.strictObject({ event: z.literal('done'), facts: z.record(z.string(), z.json()) }),
  z.strictObject({
    event: z.literal('error'),
    code: z.string().describe('Upper snake case, e.g. `QUANTIZED_BASE`.'),
    message: z.string(),
    hint: z.string(),
  }),
]);
export type EngineEvent = z.infer<typeof EngineEvent>;
