import { EXIT } from '@cogumi/contracts';
import { listRuns, writeReport } from '@cogumi/factory';
import { UsageError } from '../parse-call.ts';
import { existingStore, STORE_OPTION } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[run] [options]',
  details: 'Writes the report of a run again and prints its path. Without a name it takes the newest run of the store.',
  positionals: { min: 0, max: 1 },
  options: STORE_OPTION,
  async run({ positionals, options, json }) {
    const store = existingStore(options);
    const runs = await listRuns(store);
    const run = positionals[0] ?? runs.at(-1);
    if (run === undefined || !runs.includes(run)) {
      const what = run === undefined ? `There is no run in ${store}.` : `There is no run "${run}" in ${store}.`;
      throw new UsageError(what, '`cogumi runs` lists the runs; `cogumi build RECIPE` starts one.');
    }
    const path = await writeReport(store, run);
    console.log(json ? JSON.stringify({ run, report: path }) : path);
    return EXIT.done;
  },
});
