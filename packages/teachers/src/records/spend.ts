import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { toDollars } from '../cost.ts';
import { openRecords, recordsPath } from './open-records.ts';

/** Requests, tokens and money of one stage, teacher and tier. */
export interface Spend {
  readonly stage: string;
  readonly teacher: string;
  readonly tier: number | null;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** USD. */
  readonly money: number;
}

/** Spending by stage, teacher and tier: of one run, or of all runs of a recipe. */
export function readSpend(database: DatabaseSync, of: { run: string } | { recipe: string }): Spend[] {
  const [column, value] = 'run' in of ? ['run', of.run] : ['recipe', of.recipe];
  const rows = database
    .prepare(
      `SELECT stage, teacher, tier, count(*) AS requests, sum(input_tokens) AS inputTokens,
         sum(output_tokens) AS outputTokens, sum(coalesce(settled, reserved)) AS nano
       FROM requests WHERE ${column} = ? GROUP BY stage, teacher, tier ORDER BY min(id)`,
    )
    .all(value as string) as unknown as (Omit<Spend, 'money'> & { nano: number })[];
  return rows.map(({ nano, ...row }) => ({ ...row, money: toDollars(nano) }));
}

/** Spending of a run in a store; empty when the store has no records. */
export function readSpendOf(store: string, run: string): Spend[] {
  if (!existsSync(recordsPath(store))) return [];
  const database = openRecords(store);
  try {
    return readSpend(database, { run });
  } finally {
    database.close();
  }
}
