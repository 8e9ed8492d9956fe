import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { bytesText } from '../terminal/style.ts';
import { type Check, check } from './check.ts';

const GIB = 2 ** 30;
/** Most memory that a nano build may use (the recipe's own limit). */
const NANO_MEMORY = 6 * GIB;
/** Set-up with PyTorch for CPUs takes 1.5 GiB, the store of a nano build 1.6 GiB (measured). */
const NANO_DISK = 4 * GIB;
const SMALLER = 'recipes/seedling-nano.yaml builds with 2 GiB';

export function checkNode(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  return check(
    'node',
    major >= 24 ? 'ok' : 'fail',
    process.version,
    'Cogumi needs Node 24. Run `npm install` again, which installs it.',
  );
}

export function checkProcessor(): Check {
  const cores = availableParallelism();
  const found = `${cores} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, ${process.platform}-${process.arch}`;
  return check('processor', cores >= 2 ? 'ok' : 'warn', found, 'One core works, but builds take about twice as long.');
}

export function checkMemory(free = freemem(), total = totalmem()): Check {
  const found = `${bytesText(free)} free of ${bytesText(total)}`;
  if (total < NANO_MEMORY) {
    return check(
      'memory',
      'fail',
      found,
      `A nano build needs up to ${bytesText(NANO_MEMORY)}: use a larger machine; ${SMALLER}. Serving needs less.`,
    );
  }
  return check(
    'memory',
    free < NANO_MEMORY ? 'warn' : 'ok',
    found,
    `A nano build needs up to ${bytesText(NANO_MEMORY)}: close other programs; ${SMALLER}.`,
  );
}

/** Checks the free space and access rights of `folder`, or of its nearest existing parent. */
export async function checkDisk(name: string, folder: string, needed = NANO_DISK): Promise<Check> {
  let place = resolve(folder);
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = await statfs(place);
  const found = `${bytesText(bavail * bsize)} free for ${folder}`;
  const writable = await access(place, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable)
    return check(name, 'fail', `${found}, not writable`, `Make ${place} writable, or choose another folder.`);
  return check(
    name,
    bavail * bsize < needed ? 'warn' : 'ok',
    found,
    `A nano build needs ${bytesText(needed)}: free some space, for example with \`cogumi clean\`.`,
  );
}
