import type { DatabaseSync } from 'node:sqlite';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { NANO, type NanoDollars, toDollars } from '../cost.ts';
import type { ChatReply } from '../provider.ts';
import { transaction } from './open-records.ts';

/** What is to be asked, with the most that it can cost. */
export interface Reservation {
  readonly stage: string;
  readonly teacher: string;
  /** Place in a cascade, from 0; null outside of one. */
  readonly tier: number | null;
  /** Of the request's content. */
  readonly key: string;
  readonly worst: NanoDollars;
}

/** Under what requests are handed in together. */
export interface BatchRecord {
  readonly tag: string;
  readonly teacher: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A request may cost more than is left. */
export class BudgetExceededError extends CogumiError {
  /** USD. */
  readonly wanted: number;
  readonly left: number;

  constructor(wanted: NanoDollars, left: NanoDollars, what: string) {
    super(
      'BUDGET_EXCEEDED',
      `${what} may cost up to $${toDollars(wanted).toFixed(6)}; ${left < 0 ? `the budget is overspent by $${toDollars(-left).toFixed(6)}` : `$${toDollars(left).toFixed(6)} of the budget are left`}.`,
      'Raise `budget.money`, ask for fewer questions, or name a cheaper teacher. What is paid for is kept.',
      { exitCode: EXIT.usage },
    );
    this.wanted = toDollars(wanted);
    this.left = toDollars(left);
  }
}

/**
 * What a recipe may spend and has spent in this store, over all its runs. The worst case is reserved before a request leaves
 * and settled when it is over, so the sum of both never passes the budget, whatever happens in between: a request that a
 * kill left open counts at its worst case for good, unless it is part of a batch, which the next run finds again.
 */
export interface Ledger {
  /**
   * All or none.
   *
   * @param batch - They are to be handed in together under this tag, which is written down in the same step.
   * @throws BudgetExceededError before anything is spent.
   */
  reserve(requests: readonly Reservation[], batch?: BatchRecord): number[];
  /**
   * Ends a request that got its reply, which is kept in the same step.
   *
   * @param cost - null: not known, so its worst case.
   * @throws CogumiError PRICE_TOO_LOW when it cost more than its worst case; the true cost is booked all the same.
   */
  answered(id: number, reply: ChatReply, cost: NanoDollars | null, keep: boolean): void;
  /** Ends a request without a reply. */
  failed(id: number, cost: NanoDollars | null): void;
  /** Whether a request has ended, in this process or an earlier one. */
  isSettled(id: number): boolean;
  /** Neither reserved nor spent. */
  left(): NanoDollars;
  /** Waits until a request ends; at once when none is open in this process. */
  nextSettled(): Promise<boolean>;
}

/**
 * @param budget - USD, at least 0. Free requests pass a budget of 0.
 * @param recipe - Whose budget it is.
 */
export function createLedger(
  database: DatabaseSync,
  { recipe, run, budget }: { recipe: string; run: string; budget: number },
): Ledger {
  const most = Math.floor(budget * NANO + 1e-6);
  // What an earlier process left open outside of batches got lost with its reply.
  database
    .prepare(
      "UPDATE requests SET settled = reserved, outcome = 'lost' WHERE recipe = ? AND settled IS NULL AND batch IS NULL",
    )
    .run(recipe);
  const sum = database
    .prepare('SELECT coalesce(sum(coalesce(settled, reserved)), 0) AS total FROM requests WHERE recipe = ?')
    .get(recipe) as { total: number };
  let total = sum.total;
  /** Requests that this process has reserved and not ended. */
  const open = new Set<number>();
  let waiting: (() => void)[] = [];

  const inTransaction = transaction(database);
  const insert = database.prepare(
    'INSERT INTO requests (recipe, run, stage, teacher, tier, key, batch, reserved) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const find = database.prepare('SELECT reserved, settled, teacher, key FROM requests WHERE id = ?');
  const close = database.prepare(
    'UPDATE requests SET settled = ?, outcome = ?, input_tokens = ?, output_tokens = ? WHERE id = ?',
  );
  const insertBatch = database.prepare(
    'INSERT INTO batches (tag, recipe, teacher, name, since, open) VALUES (?, ?, ?, NULL, ?, 1)',
  );
  // The first reply counts, unless it is damaged.
  const remember = database.prepare(
    'INSERT INTO replies VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET reply = excluded.reply WHERE NOT json_valid(replies.reply)',
  );

  const end = (
    id: number,
    known: NanoDollars | null,
    outcome: string,
    reply: ChatReply | null,
    keep: boolean,
  ): void => {
    const request = find.get(id) as unknown as Open | undefined;
    if (!request) throw new RangeError(`no reservation ${id}`);
    const { reserved, settled, teacher, key } = request;
    if (settled !== null) throw new RangeError(`request ${id} is settled already`);
    const cost = known ?? reserved;
    inTransaction(() => {
      close.run(cost, outcome, reply?.usage?.inputTokens ?? 0, reply?.usage?.outputTokens ?? 0, id);
      if (reply !== null && keep) remember.run(key, JSON.stringify(reply));
    });
    total += cost - reserved;
    open.delete(id);
    for (const wake of waiting) wake();
    waiting = [];
    if (cost > reserved) throw priceTooLow(teacher, cost, reserved);
  };

  return {
    reserve(requests, batch) {
      const wanted = requests.reduce((worst, request) => worst + request.worst, 0);
      if (wanted > most - total) {
        const who = requests.length === 1 ? 'The next request' : `The next ${requests.length} requests`;
        throw new BudgetExceededError(wanted, most - total, `${who} to ${requests[0]?.teacher}`);
      }
      const ids = inTransaction(() => {
        if (batch) insertBatch.run(batch.tag, recipe, batch.teacher, batch.since);
        return requests.map(({ stage, teacher, tier, key, worst }) =>
          Number(insert.run(recipe, run, stage, teacher, tier, key, batch?.tag ?? null, worst).lastInsertRowid),
        );
      });
      total += wanted;
      for (const id of ids) open.add(id);
      return ids;
    },
    answered: (id, reply, cost, keep) => end(id, cost, 'answered', reply, keep),
    failed: (id, cost) => end(id, cost, 'failed', null, false),
    isSettled: (id) => (find.get(id) as unknown as Open | undefined)?.settled != null,
    left: () => most - total,
    async nextSettled() {
      if (open.size === 0) return false;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return true;
    },
  };
}

interface Open {
  readonly reserved: NanoDollars;
  readonly settled: NanoDollars | null;
  readonly teacher: string;
  readonly key: string;
}

function priceTooLow(teacher: string, cost: NanoDollars, reserved: NanoDollars): CogumiError {
  return new CogumiError(
    'PRICE_TOO_LOW',
    `A reply of ${teacher} cost $${toDollars(cost).toFixed(6)}, more than the $${toDollars(reserved).toFixed(6)} that it could cost at most.`,
    'The provider counts other tokens than were sent, or more than were allowed: look at its bill before going on.',
  );
}
