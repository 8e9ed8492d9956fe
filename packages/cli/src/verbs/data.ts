import { FORMS, type Form, type Handover } from '@cogumi/data/handover';
import { explain } from '../data/explain.ts';
import { look } from '../data/look.ts';
import { runStage, STAGES } from '../data/run-stage.ts';
import { UsageError, wholeNumber } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** Options that say how `--out` writes. */
const HANDOVER = ['format', 'parquet', 'validation-share'] as const;

/** Options of each action besides `--store`. */
const OWN_OPTIONS = new Map<string, readonly string[]>([
  ...STAGES.map((stage) => [stage, ['set', 'max-characters', 'out', ...HANDOVER]] as const),
  ['look', ['port', 'model']],
  ['explain', []],
]);

export const verb = defineVerb({
  usage: `<${STAGES.join('|')}> <file or folder…> [options]\n       cogumi data look [folder or file…] [options]\n       cogumi data explain <row id> [folder or file…] [options]`,
  details:
    'Runs the data stages of a build on files: JSON Lines, JSON, CSV or Parquet; text files also as .gz or .zst. Each stage\n' +
    'runs after the stages before it; finished work is reused. `look` serves a page to browse rows: those you name, or those\n' +
    'of the newest run. `explain` shows where one row went, its score and the reasons.',
  positionals: { min: 1, max: 1000 },
  options: {
    ...STORE_OPTION,
    set: {
      type: 'string',
      multiple: true,
      value: '<path=value>',
      describe: 'set a value of the recipe, e.g. dedup.threshold=0.9',
    },
    out: {
      type: 'string',
      value: '<folder>',
      describe: 'write rows, rejected rows of all stages and a data card to this folder; default: only in the store',
    },
    'max-characters': {
      type: 'string',
      value: '<count>',
      describe: 'most characters of question and answer together; default 1000',
    },
    format: {
      type: 'string',
      value: `<${FORMS.join('|')}>`,
      describe:
        'form of the rows in --out: TRL reads messages and prompt-completion, axolotl and LLaMA-Factory all but the latter; default rows',
    },
    parquet: { type: 'boolean', describe: 'write Parquet instead of JSON Lines; not for the form rows' },
    'validation-share': {
      type: 'string',
      value: '<share>',
      describe: 'share of the rows in validation files of their own, e.g. 0.05; equal prompts stay together; default 0',
    },
    port: { type: 'string', value: '<port>', describe: 'port of `look`; default: any free port' },
    model: {
      type: 'string',
      value: '<folder>',
      describe: 'for `look`: show rows as the tokens of this model',
    },
  },
  async run({ positionals: [named = '', ...places], options, json, signal }) {
    // `filter` was called `verify` before, and scripts may still use that name.
    const action = named === 'verify' ? 'filter' : named;
    const { set, port, model, store } = options;
    const own = OWN_OPTIONS.get(action);
    if (own === undefined) {
      throw new UsageError(
        `The verb data has no action "${action.slice(0, 60)}".`,
        `Use ${STAGES.join(', ')}, look or explain.`,
      );
    }
    const unknown = Object.keys(options).find((name) => name !== 'store' && !own.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(`data ${action} has no option --${unknown}.`, '`cogumi data --help` lists the options.');
    }
    if (action === 'look') {
      const number = port === undefined ? 0 : wholeNumber('port', port, 0, 65_535);
      return look({ places, store, port: number, model: model ?? null, json, signal });
    }
    if (action === 'explain') {
      const [id, ...from] = places;
      if (id === undefined)
        throw new UsageError('data explain needs the id of a row.', 'Ids are `question_id` in rows.jsonl.');
      return explain({ id, places: from, store, json, signal });
    }
    if (places.length === 0 && !set?.some((setting) => setting.startsWith('import.'))) {
      throw new UsageError(`data ${action} needs a file.`, `Usage: cogumi data ${action} <file…>`);
    }
    const maxCharacters = options['max-characters'];
    return runStage({
      stage: action,
      files: places,
      settings: set ?? [],
      maxCharacters: maxCharacters === undefined ? null : wholeNumber('max-characters', maxCharacters, 1, 1e9),
      store: storeOf(options),
      out: handoverOf(options),
      json,
      signal,
    });
  },
});

/** How `--out` writes, and where; null without it. @throws UsageError */
function handoverOf(options: {
  readonly out?: string;
  readonly format?: string;
  readonly parquet?: boolean;
  readonly 'validation-share'?: string;
}): (Handover & { readonly folder: string }) | null {
  const { out, format = 'rows', parquet = false, 'validation-share': share = '0' } = options;
  const form = FORMS.find((one) => one === format) as Form | undefined;
  if (form === undefined) {
    throw new UsageError(`There is no format "${format.slice(0, 60)}".`, `--format takes ${FORMS.join(', ')}.`);
  }
  const validationShare = share.trim() === '' ? Number.NaN : Number(share);
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new UsageError(
      `--validation-share ${share.slice(0, 60)} is no share of the rows.`,
      'Set it to a number from 0 up to, but not including, 1, e.g. 0.05.',
    );
  }
  if (form === 'rows' && parquet) {
    throw new UsageError(
      'The form rows is written as JSON Lines only.',
      'Leave --parquet out, or set --format messages.',
    );
  }
  const given = HANDOVER.find((name) => options[name] !== undefined);
  if (out === undefined && given !== undefined) {
    throw new UsageError(`--${given} says how --out writes, and there is no --out.`, 'Add --out FOLDER.');
  }
  return out === undefined ? null : { folder: out, form, parquet, validationShare };
}
