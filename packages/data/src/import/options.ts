import { Domain, Message } from '@cogumi/contracts';
import { z } from 'zod';
import { REPOSITORY_ID, Revision } from '../hub/repository-id.ts';

/** Names of record formats; `auto` detects the one that fits the first records of a source. */
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
  'prompt-completion',
] as const;

/** Names in presets.json; a test compares the two. */
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
  question: FieldPath.describe('Field of the question; `a.b` is `b` inside `a`, `turns.0` the first item of a list.'),
  answer: FieldPath.describe('Field of the answer.'),
  system: FieldPath.optional().describe('Field of a system prompt.'),
  history: FieldPath.optional().describe(
    'Field of the earlier turns: pairs of texts, or turns as in ShareGPT or OpenAI chats.',
  ),
});

const Roles = z.record(z.string().min(1), Message.shape.role.describe('What such a speaker is.')).default({});

export const ImportSource = z
  .strictObject({
    path: z.string().optional().describe('JSONL, JSON, CSV, TSV or Parquet file; text formats also as .gz or .zst.'),
    hub: z
      .string()
      .regex(REPOSITORY_ID, 'is not the id of a dataset, `owner/name`')
      .optional()
      .describe('Dataset of the Hugging Face Hub, `owner/name`, instead of `path`.'),
    preset: z
      .enum(PRESETS)
      .optional()
      .describe(
        'Public dataset with known Hub id, files, format, licence and terms; keys given next to it override them.',
      ),
    revision: Revision,
    files: z
      .array(z.string().min(1))
      .min(1)
      .nullable()
      .default(null)
      .describe('Glob patterns of files of `hub`, e.g. `data/*.parquet`; null: all files of its train split.'),
    stream: z
      .boolean()
      .default(false)
      .describe('Read `hub` over the network without keeping a copy, instead of downloading it into the cache.'),
    name: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Name of the source in its rows; null: the file name or Hub id.'),
    format: z.enum(FORMATS).default('auto').describe('Format of the records; `auto`: detected from the first 100.'),
    mapping: Mapping.nullable().default(null).describe('Fields to read, for records in any other format.'),
    roles: Roles.describe('Speakers of this source, as `import.roles`, which they override.'),
    take: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Maximum number of rows, sampled by the seed; null: all.'),
    maxCharacters: z
      .int()
      .positive()
      .default(1000)
      .describe('Maximum characters of question and answer together; longer rows are rejected.'),
    licence: z.string().default('unknown').describe('SPDX licence id of the rows; recorded in the bundle.'),
    terms: z
      .string()
      .nullable()
      .default(null)
      .describe('Provider whose terms apply to the answers because its model wrote them, e.g. `openai`.'),
    domain: Domain.nullable().default(null).describe('Domain of rows that do not name one themselves.'),
  })
  .superRefine(({ path, hub, preset, format, mapping, stream, files }, { addIssue }) => {
    const refuse = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message });
    if (path === undefined && hub === undefined && preset === undefined)
      refuse('path', 'a source needs one of `path`, `hub` and `preset`');
    if (path !== undefined && hub !== undefined) refuse('hub', 'a source has either a `path` or a `hub`, not both');
    if (mapping !== null && format !== 'auto')
      refuse('mapping', `contradicts format "${format}": both say how to read the records`);
    if (path !== undefined && (stream || files !== null))
      refuse('path', '`files` and `stream` are only for sources with `hub`');
  });
export type ImportSource = z.infer<typeof ImportSource>;

export const ImportOptions = z.strictObject({
  sources: z.array(ImportSource).default([]).describe('Files and datasets to read, in this order.'),
  roles: Roles.describe(
    'Speakers of chats that are not known by name, in any case, each as system, user, assistant or tool: `{ ipython: tool, bot: assistant }`.',
  ),
  turns: z
    .enum(['last', 'all'])
    .default('all')
    .describe(
      'Answers of a chat that are learned: `last` only the last one, `all` the earlier ones too; never those that their record marks as not to be learned (`weight: 0`, `train: false`).',
    ),
});
export type ImportOptions = z.infer<typeof ImportOptions>;
