import { createInterface } from 'node:readline/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import type { PlanSummary } from '@cogumi/factory';

/**
 * Asks the user to confirm the plan's cost. Does nothing if the plan costs nothing.
 *
 * @param quiet - True: do not ask, refuse.
 * @throws CogumiError SPENDING_NOT_CONFIRMED.
 */
export async function confirmSpending({ money, budget }: PlanSummary, quiet: boolean): Promise<void> {
  if (money === 0) return;
  const what = `Teachers will cost about $${money.toFixed(2)} and at most the budget of $${budget.toFixed(2)}`;
  if (!quiet && process.stdin.isTTY && process.stdout.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${what}. Continue? [y/N] `).finally(() => terminal.close());
    if (/^y(es)?$/i.test(answer.trim())) return;
  }
  throw new CogumiError(
    'SPENDING_NOT_CONFIRMED',
    `${what}; nothing has been spent.`,
    'Add --yes to confirm the cost, or try it first with `--sample 20`.',
    { exitCode: EXIT.usage },
  );
}
