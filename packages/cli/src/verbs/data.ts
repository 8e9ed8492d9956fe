import { explain } from '../data/explain.ts';
import { look } from '../data/look.ts';
import { runStage, STAGES } from '../data/run-stage.ts';
import { UsageError, wholeNumber } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** What each takes besides `--store`. */
const OWN_OPTIONS = new Map<string, readonly string[]>([
  ...STAGES.map((stage) => [stage, ['set', 'out']] as const),
  ['look', ['port', 'model']],
  ['explain', []],
]);

export const verb = defineVerb({
  usage: `<${STAGES.join('|')}> <file…> [options]\n       cogumi data look [folder or file…] [options]\n       cogumi data explain <row id> [folder or file…] [options]`,
  details:
    'Runs the data stages of a build on files: JSON Lines, JSON, CSV or Parquet, text also as .gz or .zst. Each runs with\n' +
    'those before it, and what was done before is not done again. `look` serves a page to browse rows with: those named, or\n' +
    'those of the newest run. `explain` tells what became of one row, what it scored and why.',
  positionals: { least: 1, most: 1000 },
  options: {
    ...STORE_OPTION,
    set: {
      type: 'string',
      multiple: true,
      value: '<path=value>',
      describe: 'change one setting, e.g. dedup.threshold=0.9',
    },
    out: { type: 'string', value: '<folder>', describe: 'where the files go; without, they stay in the store' },
    port: { type: 'string', value: '<port>', describe: 'of `look`; any free one without' },
    model: {
      type: 'string',
      value: '<folder>',
      describe: 'for `look`: shows rows as the tokens this model would learn from',
    },
  },
  async run({ positionals: [named = '', ...places], options, json, signal }) {
    // The stage was called `verify` before; people have the command in their scripts.
    const action = named === 'verify' ? 'filter' : named;
    const { set, out, port, model, store } = options;
    const own = OWN_OPTIONS.get(action);
    if (own === undefined) {
      throw new UsageError(
        `cogumi data has no "${action.slice(0, 60)}".`,
        `It has ${STAGES.join(', ')}, look and explain.`,
      );
    }
    const strange = Object.keys(options).find((name) => name !== 'store' && !own.includes(name));
    if (strange !== undefined) {
      throw new UsageError(`cogumi data ${action} takes no --${strange}.`, '`cogumi data --help` says which one does.');
    }
    if (action === 'look') {
      const number = port === undefined ? 0 : wholeNumber('port', port, 0, 65_535);
      return look({ places, store, port: number, model: model ?? null, json, signal });
    }
    if (action === 'explain') {
      const [id, ...from] = places;
      if (id === undefined)
        throw new UsageError('cogumi data explain needs the id of a row.', 'Ids are `question_id` in rows.jsonl.');
      return explain({ id, places: from, store, json, signal });
    }
    if (places.length === 0 && !set?.some((setting) => setting.startsWith('import.'))) {
      throw new UsageError(`cogumi data ${action} needs a file.`, `Usage: cogumi data ${action} <file…>`);
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
