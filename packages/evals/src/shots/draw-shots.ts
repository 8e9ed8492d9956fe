import { CogumiError, EXIT } from '@cogumi/contracts';
import type { PythonRandom } from './python-random.ts';

/** lm-eval's `fewshot_random_seed`. */
export const SHOT_SEED = 1234;

/**
 * The examples before one item, drawn as lm-eval's default sampler does. Call it for the items in their order: each draw continues the
 * sequence of random numbers.
 *
 * @param item - The item itself where it is among `rows`, so that it is never its own example; otherwise null.
 * @throws CogumiError EVAL_SHOTS if there are too few rows.
 */
export function drawShots<Row>(random: PythonRandom, rows: readonly Row[], shots: number, item: Row | null): Row[] {
  if (shots === 0) return [];
  const drawn = item === null ? shots : shots + 1;
  if (rows.length < drawn) throw tooFewShots(rows.length, shots);
  const isOther = (row: Row) => JSON.stringify(row) !== JSON.stringify(item);
  const pick = (from: readonly Row[], count: number) => random.sample(from.length, count).map((at) => from[at] as Row);
  const found = pick(rows, drawn);
  if (item === null) return found;
  const others = found.filter(isOther).slice(0, shots);
  if (others.length === shots) return others;
  // Rows that are equal to the item may have been drawn more than once.
  const pool = rows.filter(isOther);
  if (pool.length < shots) throw tooFewShots(pool.length, shots);
  return pick(pool, shots);
}

/** The first rows, where a benchmark fixes its examples (lm-eval's sampler `first_n`). @throws CogumiError EVAL_SHOTS. */
export function firstShots<Row>(rows: readonly Row[], shots: number): readonly Row[] {
  if (rows.length < shots) throw tooFewShots(rows.length, shots);
  return rows.slice(0, shots);
}

function tooFewShots(rows: number, shots: number): CogumiError {
  return new CogumiError(
    'EVAL_SHOTS',
    `A prompt was to have ${shots} examples; there are ${rows} rows to take them from.`,
    `Ask for fewer: --shots ${Math.max(0, rows - 1)}.`,
    { exitCode: EXIT.usage },
  );
}
