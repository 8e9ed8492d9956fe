import { Domain } from '@cogumi/contracts';
import { ImportOptions } from '@cogumi/data/import';
import { TeachersOptions } from '@cogumi/teachers';
import { z } from 'zod';
import { ValidateOptions } from '../stages/bundle/validate/options.ts';
import { QuantizeOptions } from '../stages/compression/quantize/options.ts';
import { CurateOptions } from '../stages/data/curate/options.ts';
import { DedupOptions } from '../stages/data/dedup/options.ts';
import { FilterOptions } from '../stages/data/filter/options.ts';
import { MixOptions } from '../stages/data/mix/options.ts';
import { SynthesizeOptions } from '../stages/data/synthesize/options.ts';
import { DistillOptions } from '../stages/parts/distill/options.ts';
import { RouteOptions } from '../stages/parts/route/options.ts';
import { EvaluateOptions } from '../stages/proof/evaluate/options.ts';
import { ExportOptions } from '../stages/proof/export/options.ts';
import { QuestionsOptions } from '../stages/proof/questions/options.ts';
import { BaseOptions } from '../stages/start/base/options.ts';
import { PretrainOptions } from '../stages/start/pretrain/options.ts';
import { MergeStageOptions } from '../stages/tuning/merge/options.ts';
import { TrainOptions } from '../stages/tuning/train/options.ts';

/** One domain adapter: which domain, how many tasks the base is tried on, how it learns, what it has to reach. */
export const ModifierRecipe = z.strictObject({
  domain: Domain.describe('What it is for; the router sends such prompts to it.'),
  seedPrompts: z
    .strictObject({
      easy: z.int().nonnegative().default(500).describe('Easy tasks.'),
      hard: z.int().nonnegative().default(500).describe('Hard tasks.'),
    })
    .prefault({})
    .describe('Tasks the compressed base is tried on; teachers answer those it fails.'),
  distill: DistillOptions.prefault({}),
  train: TrainOptions.prefault({}),
  rounds: z
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe(
      'Most rounds of trying, distilling and training. A further round is kept only when it is better for sure.',
    ),
  goal: z.number().positive().default(1.1).describe('Accuracy as a multiple of the reference on held-out questions.'),
});
export type ModifierRecipe = z.infer<typeof ModifierRecipe>;

/**
 * What was asked: one YAML file, every key named as the stage it steers. Defaults and explanations live here and in the
 * stages' own options, and nowhere else.
 */
export const Recipe = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes; it becomes the name of the bundle')
    .describe('Name of the bundle and of the model that clients ask for.'),
  description: z.string().default('').describe('One line for people.'),
  make: z
    .enum(['bundle', 'model', 'data'])
    .default('bundle')
    .describe(
      '`model` ends with the measured base model, for recipes that only `pretrain`; `data` with the training set, and needs no model.',
    ),
  seed: z.int().nonnegative().default(1).describe('Everything random follows from it.'),
  base: BaseOptions.optional().describe('The model to start from; leave it out when `pretrain` makes one.'),
  pretrain: PretrainOptions.optional().describe(
    'A small base model from nothing, on the text of Cogumi’s own generators.',
  ),
  import: ImportOptions.prefault({}).describe('Data of others.'),
  curate: CurateOptions.prefault({}).describe('Imported rows scored without a model; the best of them stay.'),
  dedup: DedupOptions.prefault({}).describe('Imported rows that are nearly the same as a better one go.'),
  filter: FilterOptions.prefault({}).describe('Imported rows without personal data, repeats and test items.'),
  questions: QuestionsOptions.prefault({}).describe('Held-out questions that every model of the build is measured on.'),
  teachers: TeachersOptions.prefault({}).describe('Who can be asked, and at what price.'),
  synthesize: SynthesizeOptions.prefault({}).describe('Training data that teachers write.'),
  mix: MixOptions.prefault({}).describe('One set of all rows, without a held-out question among them.'),
  train: TrainOptions.prefault({}).describe('LoRA on the base, in full precision.'),
  merge: MergeStageOptions.prefault({}).describe('The adapter merged into the base, and the proof that it was.'),
  export: ExportOptions.prefault({}).describe('To GGUF, held against PyTorch token by token.'),
  quantize: QuantizeOptions.prefault({}).describe('The base that is served.'),
  evaluate: EvaluateOptions.prefault({}).describe('How models answer held-out questions.'),
  modifiers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), ModifierRecipe)
    .default({})
    .describe('Adapters on the compressed base, by name: one a domain.'),
  route: RouteOptions.prefault({}).describe('The router over the base’s hidden state.'),
  validate: ValidateOptions.prefault({}).describe('The finished bundle, served and asked.'),
  goals: z
    .strictObject({
      reference: z.number().positive().default(1).describe('Fine-tuned model against the one it started from.'),
      compressed: z
        .number()
        .positive()
        .default(0.97)
        .describe(
          'Model after an optional compression step against the fine-tuned one; a step below it is taken back.',
        ),
      quantized: z.number().positive().default(0.97).describe('Compressed model against the fine-tuned one.'),
    })
    .prefault({})
    .describe('Right answers as a multiple of the other model’s, on the same held-out questions.'),
  budget: z
    .strictObject({
      money: z.number().nonnegative().max(1e6).default(0).describe('Most that teachers may cost, in USD.'),
      bytes: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Most that all stages may write together; a plan above it is refused.'),
      hours: z.number().positive().nullable().default(null).describe('Longest build; a plan above it is refused.'),
    })
    .prefault({})
    .describe('What a build may take; a plan that cannot stay inside is refused before anything starts.'),
  override: z
    .array(z.string())
    .default([])
    .describe(
      'Gates that may fail without blocking, as `code.evaluate/against-coding`, or `*`; the report names each.',
    ),
  sample: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Runs every stage on at most so many items a domain; `--sample N` sets it. null: on all.'),
  stagesAtOnce: z
    .int()
    .positive()
    .max(64)
    .default(1)
    .describe('Most stages that run side by side; more than one helps where stages wait for teachers.'),
  threads: z
    .int()
    .positive()
    .max(512)
    .nullable()
    .default(null)
    .describe('CPU threads; null: all that the machine has, at most 8.'),
});
export type Recipe = z.infer<typeof Recipe>;
