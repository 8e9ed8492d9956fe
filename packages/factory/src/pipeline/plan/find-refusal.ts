import { CogumiError, EXIT } from '@cogumi/contracts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Machine } from './machine.ts';

interface Needs {
  readonly seconds: number;
  readonly bytes: number;
  readonly downloadBytes: number;
  readonly memoryBytes: number;
  readonly money: number;
}

/**
 * Why a build must not start. It is a value because a plan shows it below its stages; a build throws it.
 *
 * @returns BUDGET_IMPOSSIBLE when the plan exceeds what the recipe allows, MACHINE_TOO_SMALL when it exceeds what the machine
 * has, both with all problems and both values of each; null when the plan fits.
 */
export function findRefusal(needs: Needs, budget: Recipe['budget'], machine: Machine): CogumiError | null {
  const { seconds, bytes, downloadBytes, memoryBytes, money } = needs;
  const written = bytes + downloadBytes;
  const downloaded = downloadBytes > 0 ? ` (${Math.round(downloadBytes)} of them downloads)` : '';
  const asked: string[] = [];
  // Written so that a figure that is no number is refused as well.
  if (!(money <= budget.money + 1e-9))
    asked.push(`teachers may cost $${money.toFixed(4)}, budget.money is $${budget.money.toFixed(4)}`);
  if (budget.hours !== null && !(seconds <= budget.hours * 3600))
    asked.push(`it takes about ${(seconds / 3600).toFixed(2)} h, budget.hours is ${budget.hours}`);
  if (budget.bytes !== null && !(written <= budget.bytes))
    asked.push(`it writes about ${Math.round(written)} bytes${downloaded}, budget.bytes is ${budget.bytes}`);
  if (budget.memory !== null && !(memoryBytes <= budget.memory))
    asked.push(`it holds about ${Math.round(memoryBytes)} bytes of memory, budget.memory is ${budget.memory}`);
  if (asked.length > 0) {
    return new CogumiError(
      'BUDGET_IMPOSSIBLE',
      `The plan cannot stay inside its budget: ${asked.join('; ')}.`,
      'Ask for less or allow more; `cogumi plan` shows what each stage takes.',
      { exitCode: EXIT.usage },
    );
  }
  const short: string[] = [];
  if (!(memoryBytes <= machine.memoryBytes))
    short.push(`it holds about ${gigabytes(memoryBytes)} of memory, the machine has ${gigabytes(machine.memoryBytes)}`);
  const { diskBytes, cacheDiskBytes } = machine;
  const onDisk = cacheDiskBytes === null ? written : bytes;
  if (!(onDisk <= diskBytes))
    short.push(`it writes about ${gigabytes(onDisk)}, the disk of the store has ${gigabytes(diskBytes)} free`);
  if (cacheDiskBytes !== null && !(downloadBytes <= cacheDiskBytes))
    short.push(
      `it downloads ${gigabytes(downloadBytes)}, the disk of the hub's cache (HF_HUB_CACHE) has ${gigabytes(cacheDiskBytes)} free`,
    );
  if (short.length === 0) return null;
  return new CogumiError(
    'MACHINE_TOO_SMALL',
    `The plan does not fit this machine: ${short.join('; ')}.`,
    'Take a smaller base, lower `train.microBatchTokens` or `evaluate.sequences`, or give a store on another disk with `--store DIR`.',
    { exitCode: EXIT.usage },
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
