import { EXIT } from '@cogumi/contracts';
import { cleanStore, findUnused } from '@cogumi/factory';
import { existingStore, STORE_OPTION } from '../recipe-options.ts';
import { bytesText, dim } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[options]',
  details:
    'Lists artifacts that can be removed: those that no validated bundle or model was made from and no newest run of a\n' +
    'recipe names, damaged ones, and unfinished work that no build will resume. --yes removes them. Bundles and runs stay.',
  positionals: { min: 0, max: 0 },
  options: {
    ...STORE_OPTION,
    key: {
      type: 'string',
      value: '<key>',
      describe: 'only the artifact whose key starts with this (at least 8 digits), even if it is used',
    },
    yes: { type: 'boolean', describe: 'remove them' },
  },
  async run({ options, json }) {
    const store = existingStore(options);
    const unused = await (options.yes ? cleanStore : findUnused)(store, options.key);
    const bytes = unused.reduce((sum, one) => sum + one.bytes, 0);
    if (json) console.log(JSON.stringify({ removed: options.yes === true, bytes, artifacts: unused }));
    else {
      for (const { key, stage, bytes: size } of unused)
        console.log(`  ${stage.padEnd(18)} ${bytesText(size).padStart(10)}  ${dim(key.slice(0, 12))}`);
      const what = `${unused.length} artifacts, ${bytesText(bytes)}`;
      console.log(
        options.yes ? `Removed ${what}.` : `${what} can be removed. Run the command again with --yes to remove them.`,
      );
    }
    return EXIT.done;
  },
});
