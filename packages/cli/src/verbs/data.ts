import { explain } from '../data/explain.ts';
import { look } from '../data/look.ts';
import { runStage, STAGES } from '../data/run-stage.ts';
import { UsageError, wholeNumber } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** Options of each action besides `--store`. */
const OWN_OPTIONS = new Map<string, readonly string[]>([
  ...STAGES.map((stage) => [stage, ['set', 'out']] as const),
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
      describe: 'copy the output files to this folder; default: only in the store',
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
    const { set, out, port, model, store } = options;
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
    return runStage({
      stage: action,
      files: places,
      settings: set ?? [],
      store: storeOf(options),
      out: out ?? null,
      json,
      signal,
    });
  },
});
