import { BUILT_IN_DOMAINS, Domain, JOBS } from '@cogumi/contracts';
import { ImportOptions } from '@cogumi/data/import';
import { TeachersOptions } from '@cogumi/teachers';
import { z } from 'zod';
import { ValidateOptions } from '../stages/bundle/validate/options.ts';
import { QuantizeOptions } from '../stages/compression/quantize/options.ts';
import { TrimVocabularyStageOptions } from '../stages/compression/trim-vocabulary/options.ts';
import { CurateOptions } from '../stages/data/curate/options.ts';
import { DedupOptions } from '../stages/data/dedup/options.ts';
import { DomainOptions } from '../stages/data/examples/options.ts';
import { FilterOptions } from '../stages/data/filter/options.ts';
import { MixOptions } from '../stages/data/mix/options.ts';
import { ScoreOptions } from '../stages/data/score/options.ts';
import { SynthesizeOptions } from '../stages/data/synthesize/options.ts';
import { DistillOptions } from '../stages/parts/distill/options.ts';
import { AdapterSource } from '../stages/parts/import-adapter/options.ts';
import { RouteOptions } from '../stages/parts/route/options.ts';
import { VoteOptions } from '../stages/parts/vote/options.ts';
import { EvaluateOptions } from '../stages/proof/evaluate/options.ts';
import { ExportOptions } from '../stages/proof/export/options.ts';
import { FailuresOptions } from '../stages/proof/failures/options.ts';
import { QuestionsOptions } from '../stages/proof/questions/options.ts';
import { SampleOptions } from '../stages/proof/sample/options.ts';
import { SpeculateOptions } from '../stages/proof/speculate/options.ts';
import { BaseOptions } from '../stages/start/base/options.ts';
import { ExtendOptions } from '../stages/start/inherit/options.ts';
import { PretrainOptions } from '../stages/start/pretrain/options.ts';
import { MergeStageOptions } from '../stages/tuning/merge/options.ts';
import { TrainOptions } from '../stages/tuning/train/options.ts';
import { RepairOptions, TargetedOptions } from './repair.ts';

/** Of a modifier whose recipe says nothing (chosen). */
export const SEED_PROMPTS = { easy: 500, hard: 500 };

/** One domain adapter: its domain, the seed prompts for its training data, how it is trained, and its goal. */
export const ModifierRecipe = z.strictObject({
  domain: Domain.describe('Its domain; the router sends prompts of this domain to it.'),
  seedPrompts: z
    .strictObject({
      easy: z.int().nonnegative().default(SEED_PROMPTS.easy).describe('Easy questions.'),
      hard: z.int().nonnegative().default(SEED_PROMPTS.hard).describe('Hard questions.'),
    })
    .nullable()
    .default(null)
    .describe(
      'Questions that the compressed base is tested on; teachers answer those that it fails. null: 500 easy and 500 hard ones of a built-in domain; of one’s own, all training examples.',
    ),
  adapter: AdapterSource.nullable()
    .default(null)
    .describe(
      'An adapter in PEFT’s form that was made for this base elsewhere: it is checked, converted and measured in place of one that is trained. null: one is trained.',
    ),
  distill: DistillOptions.prefault({}),
  consistency: SampleOptions.extend(VoteOptions.shape)
    .optional()
    .describe(
      'The base answers its seed prompts several times and learns its own good answers, so that it says the same each time; no teacher is asked. How often samples agree is measured before and after. Left out: teachers answer (`distill`).',
    ),
  train: TrainOptions.prefault({}),
  rounds: z
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe(
      'Most rounds of trying, distilling and training. A further round is kept only when it is better for sure.',
    ),
  targeted: TargetedOptions.optional().describe(
    'Further rounds learn new questions of the kinds that the modifier fails, and are kept when new held-out ones prove that those improved and nothing fell. Left out: they try the same seed prompts again.',
  ),
  tierByTier: z
    .boolean()
    .default(false)
    .describe(
      'true: each round asks one tier of `distill.tiers`, the cheapest first, and what the modifier still fails goes to the next; the last tier serves the rounds that are left.',
    ),
  goal: z.number().positive().default(1.1).describe('Accuracy as a multiple of the reference on held-out questions.'),
});
export type ModifierRecipe = z.infer<typeof ModifierRecipe>;

/**
 * The recipe: one YAML file, with a key for every stage that has options. Defaults and explanations are defined here and in
 * the options of the stages only.
 */
export const Recipe = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes; it becomes the name of the bundle')
    .describe('Name of the bundle, and of the model in API requests.'),
  description: z.string().default('').describe('One line that describes the bundle.'),
  make: z
    .enum(['bundle', 'model', 'data'])
    .default('bundle')
    .describe(
      'Where the build ends. `bundle`: with the finished bundle; `model`: with the evaluated base model, for recipes that only `pretrain`; `data`: with the training set, which needs no model.',
    ),
  seed: z.int().nonnegative().default(1).describe('Seed of everything random.'),
  base: BaseOptions.optional().describe('The model to start from; omit it when `pretrain` makes one.'),
  pretrain: PretrainOptions.optional().describe(
    'Trains a small base model from random weights, on text of Cogumi’s own generators.',
  ),
  extend: ExtendOptions.optional().describe(
    'An existing bundle to start from, in place of `base`: only the `modifiers` of this recipe are trained, on the base of that bundle and beside its modifiers, and the router learns all routes again.',
  ),
  extendable: z
    .boolean()
    .default(true)
    .describe(
      'Whether the bundle holds the prompts of its router and the held-out examples of domains of your own, which `extend` and `cogumi domain` need. false: a bundle that is handed on without them.',
    ),
  import: ImportOptions.prefault({}).describe('Data from files and the hub.'),
  curate: CurateOptions.prefault({}).describe('Scores imported rows without a model and keeps the best.'),
  dedup: DedupOptions.prefault({}).describe('Removes imported rows that are nearly equal to a better one.'),
  filter: FilterOptions.prefault({}).describe(
    'Removes personal data, repetitive rows and test items of benchmarks from imported rows.',
  ),
  score: ScoreOptions.optional().describe(
    'Has a teacher score imported rows and keeps the good ones. Left out: no row is scored by a teacher.',
  ),
  questions: QuestionsOptions.prefault({}).describe(
    'Held-out questions that every model of the build is evaluated on.',
  ),
  teachers: TeachersOptions.prefault({}).describe('Which teachers can be used, and at what price.'),
  synthesize: SynthesizeOptions.prefault({}).describe('Training data that teachers write.'),
  mix: MixOptions.prefault({}).describe('Mixes all rows into one set, without any held-out question.'),
  train: TrainOptions.nullable()
    .prefault({})
    .describe(
      'Trains a LoRA adapter on the base, in full precision. null: the base stays as it is, and nothing but modifiers learns.',
    ),
  merge: MergeStageOptions.prefault({}).describe('Merges the adapter into the base and verifies the result.'),
  repair: RepairOptions.optional().describe(
    'Targeted distillation: finds what the failures of the tuned model have in common, trains it on new questions of those kinds, and keeps the result only where new held-out questions prove that they improved and no domain fell. Left out: nothing is repaired.',
  ),
  trimVocabulary: TrimVocabularyStageOptions.optional().describe(
    'A smaller vocabulary: the tokens that the training rows do not need go. The step is taken back when it costs too much. Left out: all tokens stay.',
  ),
  dropLayers: JOBS['drop-layers']
    .optional()
    .describe('A shallower model; the step is taken back when it costs too much. Left out: all layers stay.'),
  export: ExportOptions.prefault({}).describe('Converts to GGUF and compares it with PyTorch token by token.'),
  quantize: QuantizeOptions.prefault({}).describe('Quantizes the base that is served.'),
  evaluate: EvaluateOptions.prefault({}).describe('How models answer held-out questions.'),
  failures: FailuresOptions.optional().describe(
    'Looks for what the failures of what is served have in common: groups of held-out questions that it fails, by words, strata and examples. Left out: nothing is looked for.',
  ),
  domains: z
    .record(Domain, DomainOptions)
    .default({})
    .describe(
      `Domains of your own by name, beside the built-in ones (${BUILT_IN_DOMAINS.join(', ')}). Their examples are trained on, held out, routed and evaluated like the questions of those.`,
    ),
  modifiers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), ModifierRecipe)
    .default({})
    .describe('Domain adapters on the compressed base, by name: at most one per domain.'),
  draft: JOBS.draft
    .optional()
    .describe(
      'A draft model: some layers of the base, trained to say what the base says. It ships only where it makes answers faster on the machine of the build. Left out: none is made.',
    ),
  speculate: SpeculateOptions.prefault({}).describe('Measures answers with the draft model and without.'),
  route: RouteOptions.prefault({}).describe('Trains the router on hidden states of the base.'),
  validate: ValidateOptions.prefault({}).describe('Serves the finished bundle and queries it.'),
  goals: z
    .strictObject({
      tuned: z.number().positive().default(1).describe('The fine-tuned model against the model that it started from.'),
      compressed: z
        .number()
        .positive()
        .default(0.97)
        .describe('A model after an optional compression step against the reference; a step below it is undone.'),
      quantized: z
        .number()
        .positive()
        .nullable()
        .default(0.97)
        .describe(
          'The quantized model against the reference. null: not compared; where nothing is fine-tuned either, the base answers in its quantized form only, which saves the slow answers in full precision, and that is the reference.',
        ),
    })
    .prefault({})
    .describe(
      'Correct answers as a multiple of the other model’s, on the same held-out questions. The reference is, domain by domain, the better of the model that the build started from and the fine-tuned one.',
    ),
  budget: z
    .strictObject({
      money: z.number().nonnegative().max(1e6).default(0).describe('Most that teachers may cost, in USD.'),
      bytes: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Most bytes that all stages together may write; a plan above it is refused.'),
      memory: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Most bytes of memory at once; a plan above it is refused. null: what the machine has.'),
      hours: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Longest build in hours; a plan above it is refused.'),
    })
    .prefault({})
    .describe('Limits of a build; a plan that exceeds them is refused before anything starts.'),
  override: z
    .array(z.string())
    .default([])
    .describe(
      'Gates that may fail without blocking the build, as `code.evaluate/against-coding`, or `*` for all; the report names each.',
    ),
  sample: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Runs every stage on at most this many items per domain; `--sample N` sets it. null: on all items.'),
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
    .describe('Most CPU threads of training and of models; null: all threads of the machine, at most 8.'),
  executor: z
    .string()
    .regex(/^(local$|ray:\/\/.)/, '`local` or `ray://HOST:PORT`')
    .default('local')
    .describe(
      'Where training and the other work of PyTorch runs: `local`, or `ray://HOST:8265`, a Ray cluster whose nodes see this checkout and the store under the same paths. `?gpus=1` or `?cpus=8` after it reserves what a job needs.',
    ),
  devices: z
    .int()
    .positive()
    .max(64)
    .default(1)
    .describe('Processes that share each training: one per GPU, or per share of the CPUs.'),
  shard: z
    .boolean()
    .default(false)
    .describe(
      'With several `devices`: each holds a share of the frozen weights of a base that is fine-tuned (PyTorch’s FSDP2), for a base that does not fit on one. Results are the same.',
    ),
});
export type Recipe = z.infer<typeof Recipe>;

/** Whether the model that the build starts from answers the questions in full precision, because something is compared with it. */
export function scoresStart(recipe: Recipe): boolean {
  return (
    recipe.make === 'model' || learnsRows(recipe) || recipe.goals.quantized !== null || recipe.repair !== undefined
  );
}

/** Whether a step of the build reads the training set: the fine-tuning, a compression step that is measured on it, or a draft model. */
export function learnsRows({ make, train, trimVocabulary, dropLayers, draft }: Recipe): boolean {
  return make === 'data' || train !== null || [trimVocabulary, dropLayers, draft].some((step) => step !== undefined);
}
