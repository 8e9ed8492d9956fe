import { createInterface } from 'node:readline/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import type { PlanSummary } from '@cogumi/factory';

/**
 * Asks before the first cent (spec P5).
 *
 * @param quiet - Whether nobody is there to answer.
 * @throws CogumiError SPENDING_NOT_CONFIRMED.
 */
export async function confirmSpending({ money, budget }: PlanSummary, quiet: boolean): Promise<void> {
  if (money === 0) return;
  const what = `Teachers will cost about $${money.toFixed(2)}, and never more than the budget of $${budget.toFixed(2)}`;
  if (!quiet && process.stdin.isTTY && process.stdout.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${what}. Go on? [y/N] `).finally(() => terminal.close());
    if (/^y(es)?$/i.test(answer.trim())) return;
  }
  throw new CogumiError(
    'SPENDING_NOT_CONFIRMED',
    `${what}; nothing has been spent.`,
    'Give --yes to go on without being asked; `--sample 20` tries it on little first.',
    { exitCode: EXIT.usage },
  );
}
