import { EXIT } from '@cogumi/contracts';
import { cacheFolder } from '@cogumi/runtime';
import { asTyped } from '../as-typed.ts';
import type { Check, Status } from '../doctor/check.ts';
import { checkConverters } from '../doctor/check-converters.ts';
import { checkLlama } from '../doctor/check-llama.ts';
import { checkDisk, checkMemory, checkNode, checkProcessor } from '../doctor/check-machine.ts';
import { checkKeys, checkNetwork } from '../doctor/check-network.ts';
import { checkPython } from '../doctor/check-python.ts';
import { dim, paint } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<Status, string>;

export const verb = defineVerb({
  usage: '[options]',
  details: 'Exits with 1 if something necessary is missing. With warnings only it exits with 0.',
  positionals: { min: 0, max: 0 },
  options: { network: { type: 'boolean', describe: 'also check that the model hub (HF_ENDPOINT) answers' } },
  async run({ options, json }) {
    const checks: Check[] = [
      checkNode(),
      checkProcessor(),
      checkMemory(),
      ...(await Promise.all([checkDisk('disk, store', '.cogumi'), checkDisk('disk, cache', cacheFolder())])),
      await checkLlama(),
      ...(await checkPython()),
      checkConverters(),
      checkKeys(),
      ...(options.network ? [await checkNetwork()] : []),
    ];
    const failed = checks.filter(({ status }) => status === 'fail').length;
    console.log(asTyped(json ? JSON.stringify({ ok: failed === 0, checks }) : describeChecks(checks, failed)));
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
});

function describeChecks(checks: readonly Check[], failed: number): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, found, advice }) => [
    `${paint(COLOURS[status], status.padEnd(4))}  ${name.padEnd(width)}  ${found}`,
    ...(advice === '' ? [] : [`${' '.repeat(width + 8)}${dim(advice)}`]),
  ]);
  const summary = failed === 0 ? 'Everything necessary is installed.' : `${failed} of ${checks.length} checks failed.`;
  return [...lines, '', summary].join('\n');
}
