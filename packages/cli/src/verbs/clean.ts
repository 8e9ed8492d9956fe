import { EXIT } from '@cogumi/contracts';
import { cleanStore, findUnused } from '@cogumi/factory';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { bytesText, dim } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[options]',
  details:
    'Shows what no bundle in the store was made from, and unfinished work; --yes removes it.\nBundles and runs stay.',
  positionals: { least: 0, most: 0 },
  options: {
    ...STORE_OPTION,
    key: { type: 'string', value: '<key>', describe: 'only the artifact whose key starts so' },
    yes: { type: 'boolean', describe: 'remove it' },
  },
  async run({ options, json }) {
    const store = storeOf(options);
    const unused = await findUnused(store, options.key);
    const bytes = unused.reduce((sum, one) => sum + one.bytes, 0);
    if (options.yes) await cleanStore(store, unused);
    if (json) console.log(JSON.stringify({ removed: options.yes === true, bytes, artifacts: unused }));
    else {
      for (const { key, stage, bytes: size } of unused)
        console.log(`  ${stage.padEnd(18)} ${bytesText(size).padStart(10)}  ${dim(key.slice(0, 12))}`);
      const what = `${unused.length} artifacts, ${bytesText(bytes)}`;
      console.log(options.yes ? `Removed ${what}.` : `${what} would be freed. \`cogumi clean --yes\` removes them.`);
    }
    return EXIT.done;
  },
});
