import { EXIT } from '@cogumi/contracts';
import { listRuns, openStore, readRunEvents } from '@cogumi/factory';
import { durationText } from '@cogumi/pure';
import { existingStore, STORE_OPTION } from '../recipe-options.ts';
import { dim } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[options]',
  details: 'Lists all runs of recipes in the store, oldest first.',
  positionals: { min: 0, max: 0 },
  options: STORE_OPTION,
  async run({ options, json }) {
    const store = existingStore(options);
    // Refuses a layout of another version, whose runs may look different.
    await openStore(store, 'refuse');
    for (const run of await listRuns(store)) {
      const end = (await readRunEvents(store, run)).find(({ event }) => event === 'build-end');
      const { outcome, elapsedMs, digest } =
        end?.event === 'build-end' ? end : { outcome: 'unfinished', elapsedMs: null, digest: null };
      if (json) console.log(JSON.stringify({ run, outcome, elapsedMs, digest }));
      else
        console.log(
          `${run}  ${outcome.padEnd(13)} ${elapsedMs === null ? '' : durationText(elapsedMs)}  ${dim(digest ?? '')}`,
        );
    }
    return EXIT.done;
  },
});
