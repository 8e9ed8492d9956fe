import { Domain } from '@cogumi/contracts';
import { z } from 'zod';
import { DATASET_ID } from '../hub/dataset-id.ts';

/** Forms of records by name; `auto` finds the one that fits the first records of a source. */
export const FORMATS = [
  'auto',
  'row',
  'magpie',
  'dolly',
  'alpaca',
  'codealpaca',
  'sharegpt',
  'messages',
  'hh',
  'metamath',
  'openorca',
  'gsm8k',
] as const;

/** Names in presets.json; a test keeps the two alike. */
export const PRESETS = [
  'openorca',
  'slimorca',
  'alpaca-gpt4',
  'wizardlm',
  'dolly',
  'sharegpt',
  'anthropic-hh',
  'codealpaca',
  'metamathqa',
  'magpie',
] as const;

const FieldPath = z.string().min(1);

const Mapping = z.strictObject({
  question: FieldPath.describe('Field of the question; `a.b` is `b` inside `a`, `turns.0` the first of a list.'),
  answer: FieldPath.describe('Field of the answer.'),
  system: FieldPath.optional().describe('Field of instructions that stand before the conversation.'),
  history: FieldPath.optional().describe(
    'Field of earlier turns: pairs of texts, or turns as in ShareGPT or OpenAI chats.',
  ),
});

export const ImportSource = z
  .strictObject({
    path: z.string().optional().describe('JSONL, JSON, CSV, TSV or Parquet file; text also as .gz or .zst.'),
    hub: z
      .string()
      .regex(DATASET_ID, 'is not the id of a dataset, `owner/name`')
      .optional()
      .describe('Dataset of the Hugging Face hub, `owner/name`, instead of `path`.'),
    preset: z
      .enum(PRESETS)
      .optional()
      .describe(
        'A public set whose hub id, files, format, licence and terms are known; what is said beside it goes before.',
      ),
    revision: z
      .string()
      .min(1)
      .default('main')
      .describe('Branch, tag or commit of `hub`; pinned to its commit at the first plan.'),
    files: z
      .array(z.string().min(1))
      .min(1)
      .nullable()
      .default(null)
      .describe('Patterns of files of `hub`, `data/*.parquet`; null: all of its train split.'),
    stream: z
      .boolean()
      .default(false)
      .describe('Read `hub` over the network and keep no copy, rather than fetch it into the cache.'),
    name: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('What its rows give as `source`; null: the file name or hub id.'),
    format: z.enum(FORMATS).default('auto').describe('Form of the records; `auto`: what fits the first 100.'),
    mapping: Mapping.nullable().default(null).describe('Fields to read, for records of any other form.'),
    take: z.int().positive().nullable().default(null).describe('At most so many rows, chosen by the seed; null: all.'),
    maxCharacters: z
      .int()
      .positive()
      .default(1000)
      .describe('Longer rows (question and answer together) are left out.'),
    licence: z.string().default('unknown').describe('SPDX id of the rows; goes into the bundle.'),
    terms: z
      .string()
      .nullable()
      .default(null)
      .describe('Whose terms the model stands under that wrote the answers, as `openai`.'),
    domain: Domain.nullable()
      .default(null)
      .describe('What the rows are about, where it is one thing and they do not say.'),
  })
  .superRefine(({ path, hub, preset, format, mapping, stream, files }, { addIssue }) => {
    const refuse = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message });
    if (path === undefined && hub === undefined && preset === undefined)
      refuse('path', 'a source needs one of `path`, `hub` and `preset`');
    if (path !== undefined && hub !== undefined) refuse('hub', 'a source has either a `path` or a `hub`');
    if (mapping !== null && format !== 'auto')
      refuse('mapping', `says how to read records; so does format "${format}"`);
    if (path !== undefined && (stream || files !== null))
      refuse('path', '`files` and `stream` are for sources of the hub');
  });
export type ImportSource = z.infer<typeof ImportSource>;

export const ImportOptions = z.strictObject({
  sources: z.array(ImportSource).default([]).describe('Files and datasets to read, one after the other.'),
});
export type ImportOptions = z.infer<typeof ImportOptions>;
