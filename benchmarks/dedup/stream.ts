import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuplicateFinder } from '../../packages/data/src/dedup/duplicate-finder.ts';
import { countStatus, KEPT } from '../../packages/data/src/dedup/duplicates.ts';
import { createRandom } from '../../packages/pure/src/random/random.ts';
import { alpacaTexts, perturb, wordsOf } from './rows.ts';

// Memory and time for any number of rows of Alpaca's length, generated one by one and never held.
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '10000000' }, threads: { type: 'string', default: '2' } },
});
const rows = Number(values.rows);
/** Share of words replaced: nearly all rows are kept, which needs the most memory. */
const SHARE = 0.3;

const folder = mkdtempSync(join(tmpdir(), 'cogumi-benchmark-'));
const spillPath = join(folder, 'shingles');
const texts = alpacaTexts();
const words = wordsOf(texts);
const random = createRandom('benchmarks/dedup/stream');
const finder = new DuplicateFinder({
  threshold: 0.8,
  threads: Number(values.threads),
  memoryBytes: 2 ** 29,
  spillPath,
});
try {
  const began = performance.now();
  let made = 0;
  for (let at = 0; at < rows; at++) {
    const before = performance.now();
    const text = perturb(texts[at % texts.length] as string, SHARE, words, random);
    made += performance.now() - before;
    finder.add(text);
  }
  const order = byChance(rows);
  const read = performance.now();
  const found = await finder.find(order);
  const end = performance.now();
  const spilled = statSync(spillPath, { throwIfNoEntry: false })?.size ?? 0;
  console.log(
    `${rows} rows, ${values.threads} threads: ${countStatus(found, KEPT)} kept; peak resident memory ` +
      `${((process.resourceUsage().maxRSS * 1024) / 1e9).toFixed(2)} GB, ${(spilled / 1e9).toFixed(2)} GB on disk; ` +
      `${((read - began - made) / 1000).toFixed(0)} s to read, ${((end - read) / 1000).toFixed(0)} s to find ` +
      `(${(made / 1000).toFixed(0)} s more to make the rows)`,
  );
} finally {
  await finder.close();
  rmSync(folder, { recursive: true, force: true });
}

/** A random order, as scores would give. */
function byChance(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const text = order[last] as number;
    order[last] = order[other] as number;
    order[other] = text;
  }
  return order;
}
