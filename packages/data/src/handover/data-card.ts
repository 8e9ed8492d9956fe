import { columnsOf, featuresYaml } from './columns.ts';
import type { DataFacts } from './data-facts.ts';
import type { RejectedCounts } from './rejected-rows.ts';
import type { Handover, Written } from './write-training-files.ts';

/** What a data card tells. */
export interface CardFacts extends Pick<DataFacts, 'sources' | 'languages' | 'rejected' | 'redacted' | 'benchmarks'> {
  readonly name: string;
  readonly handover: Handover;
  readonly written: Written;
}

/** Sizes that the Hub of Hugging Face has categories for. */
const SIZES: readonly (readonly [number, string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [Infinity, '1M<n<10M'],
];

const number = (value: number) => value.toLocaleString('en-US');

/**
 * The README.md of a data set: a header in YAML as the Hub of Hugging Face reads it, and what a user of the data has to know.
 *
 * @see https://huggingface.co/docs/hub/datasets-cards
 */
export function dataCard(facts: CardFacts): string {
  const { name, handover, written, sources, rejected, redacted } = facts;
  const rows = written.files.reduce((sum, file) => sum + file.rows, 0);
  return [
    header(facts, rows),
    `# ${name}`,
    `${number(rows)} rows in the form \`${handover.form}\`, made by Cogumi from ${sources.length === 1 ? 'one source' : `${sources.length} sources`}.`,
    '## Files',
    table(
      ['file', 'split', 'rows'],
      written.files.map((file) => [`\`${file.name}\``, file.split, number(file.rows)]),
    ),
    ...usage(handover, written),
    '## Sources and licences',
    table(
      ['source', 'records read', 'rows kept', 'licence', "terms of the answers' writer"],
      sources.map((source) => [
        source.name,
        number(source.read),
        number(source.kept),
        source.licence,
        source.terms ?? '–',
      ]),
    ),
    ...licenceNotes(facts),
    '## What was removed or changed',
    ...changes(rejected, redacted, written),
    facts.benchmarks.length === 0
      ? 'The rows were not compared with the test items of any benchmark.'
      : `The rows were compared with the test items of ${facts.benchmarks.join(', ')}.`,
  ]
    .join('\n\n')
    .concat('\n');
}

function header({ name, handover, written, sources, languages }: CardFacts, rows: number): string {
  const licences = [...new Set(sources.map(({ licence }) => licence.toLowerCase()))];
  const [only] = licences;
  const known = licences.length === 1 && only !== undefined && only !== 'unknown';
  const size = SIZES.find(([bound]) => rows < bound)?.[1];
  return [
    '---',
    `pretty_name: ${JSON.stringify(name)}`,
    // The Hub knows one licence a data set; `other` sends to the text.
    ...(known
      ? [`license: ${/^[\w.-]+$/.test(only) ? only : 'other'}`]
      : licences.includes('unknown')
        ? []
        : ['license: other']),
    ...(languages.length > 0 ? ['language:', ...languages.map((code) => `- ${JSON.stringify(code)}`)] : []),
    'task_categories:',
    '- text-generation',
    'size_categories:',
    `- ${size}`,
    ...featuresYaml(columnsOf(handover.form, written.optional)),
    'configs:',
    '- config_name: default',
    '  data_files:',
    ...written.files.flatMap((file) => [`  - split: ${file.split}`, `    path: ${file.name}`]),
    '---',
  ].join('\n');
}

function usage({ form }: Handover, { files, optional }: Written): string[] {
  if (form === 'rows') return [];
  const [train] = files;
  const axolotl: Readonly<Record<Exclude<typeof form, 'rows'>, string[]>> = {
    messages: [
      'type: chat_template',
      'field_messages: messages',
      ...(optional.weight ? ['message_field_training: weight'] : []),
    ],
    sharegpt: [
      'type: chat_template',
      'field_messages: conversations',
      'message_property_mappings: { role: from, content: value }',
      'roles: { user: [human], assistant: [gpt], system: [system], tool: [observation] }',
    ],
    alpaca: ['type: alpaca'],
    'prompt-completion': [],
  };
  const lines = axolotl[form];
  const trl = form === 'messages' || form === 'prompt-completion';
  return [
    '## Use',
    ...(trl
      ? [
          `TRL:\n\n\`\`\`python\nfrom datasets import load_dataset\ndata = load_dataset("FOLDER")  # for SFTTrainer(train_dataset=data["train"])\n\`\`\``,
          ...(form === 'messages'
            ? [
                'TRL learns every turn of `messages`, the questions too, unless `assistant_only_loss=True` is set, for which the chat template must mark the answers. Of `prompt-completion` it learns the answer only.',
              ]
            : []),
        ]
      : []),
    ...(lines.length > 0
      ? [
          `axolotl:\n\n\`\`\`yaml\ndatasets:\n  - path: FOLDER/${train?.name}\n    ds_type: ${train?.name.endsWith('parquet') ? 'parquet' : 'json'}\n${lines.map((line) => `    ${line}`).join('\n')}\n\`\`\``,
        ]
      : []),
    ...(form === 'alpaca' && (optional.system || optional.history)
      ? ['axolotl reads neither `system` nor `history` of this form: use `sharegpt` there.']
      : []),
    ...(form === 'prompt-completion'
      ? []
      : ['LLaMA-Factory: `dataset_dir: FOLDER` and `dataset: train`; `dataset_info.json` describes the files.']),
    ...(optional.weight
      ? [
          'Answers with `weight: 0` are not to be learned. axolotl reads the mark as shown. TRL and LLaMA-Factory do not: use the form `prompt-completion` for TRL, and `sharegpt` for LLaMA-Factory, which leaves these chats out.',
        ]
      : []),
  ];
}

function licenceNotes({ sources }: CardFacts): string[] {
  const unknown = sources.filter(({ licence }) => licence === 'unknown').map(({ name }) => name);
  return unknown.length === 0
    ? []
    : [
        `Nobody stated the licence of ${unknown.join(', ')}. Find it out before you share this data set, and set \`licence\` on the source.`,
      ];
}

function changes(rejected: RejectedCounts, { rows, kinds }: CardFacts['redacted'], { left }: Written): string[] {
  const lines = [...rejected, ['form', left] as const].flatMap(([stage, reasons]) =>
    [...reasons].map(([reason, count]) => [stage, reason, number(count)]),
  );
  const found = Object.entries(kinds).map(([kind, count]) => `${kind} ${number(count)}`);
  return [
    lines.length === 0 ? 'No row was removed.' : table(['stage', 'reason', 'rows'], lines),
    ...(lines.length === 0 ? [] : ['Each removed row is in `rejected.jsonl`, with its stage and reason.']),
    rows === 0
      ? 'No personal data was replaced.'
      : `Personal data was replaced in ${number(rows)} rows: ${found.join(', ')}.`,
  ];
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}
