import type { DatabaseSync } from 'node:sqlite';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { NANO, type NanoDollars, toDollars } from '../cost.ts';
import type { ChatReply } from '../provider.ts';
import { transaction } from './open-records.ts';

/** A request with the most that it can cost. */
export interface Reservation {
  readonly stage: string;
  readonly teacher: string;
  /** Position in a cascade, from 0; null outside a cascade. */
  readonly tier: number | null;
  /** Hash of the request's content (`keyOfCall`). */
  readonly key: string;
  readonly worst: NanoDollars;
}

/** A batch of requests that are submitted together. */
export interface BatchRecord {
  readonly tag: string;
  readonly teacher: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A request may cost more than is left of the budget. */
export class BudgetExceededError extends CogumiError {
  /** USD. */
  readonly needed: number;
  readonly left: number;

  constructor(needed: NanoDollars, left: NanoDollars, what: string) {
    super(
      'BUDGET_EXCEEDED',
      `${what} may cost up to $${toDollars(needed).toFixed(6)}; ${left < 0 ? `the budget is overspent by $${toDollars(-left).toFixed(6)}` : `$${toDollars(left).toFixed(6)} of the budget are left`}.`,
      'Raise `budget.money`, request fewer questions, or name a cheaper teacher. Paid replies are kept.',
      { exitCode: EXIT.usage },
    );
    this.needed = toDollars(needed);
    this.left = toDollars(left);
  }
}

/**
 * Account of a recipe in this store, over all its runs. Each request reserves its worst-case cost before it is sent and settles
 * its true cost when it ends, so that reserved and spent money together never exceed the budget. A request that was in flight
 * when the process was killed stays at its worst case, unless it is part of a batch, which the next run finds again.
 */
export interface Ledger {
  /**
   * Reserves the worst case of all requests or of none, and returns their ids.
   *
   * @param batch - The batch of the requests, recorded in the same transaction.
   * @throws BudgetExceededError before anything is spent.
   */
  reserve(requests: readonly Reservation[], batch?: BatchRecord): number[];
  /**
   * Settles a request that was answered, and stores the reply in the same transaction.
   *
   * @param cost - null: unknown, which charges the worst case.
   * @param keep - Whether to store the reply.
   * @throws CogumiError PRICE_TOO_LOW when it cost more than its worst case; the true cost is recorded nevertheless.
   */
  answered(id: number, reply: ChatReply, cost: NanoDollars | null, keep: boolean): void;
  /** Settles a request without a reply. `cost`: as for `answered`. */
  failed(id: number, cost: NanoDollars | null): void;
  /** Whether a request was settled, by this process or an earlier one. */
  isSettled(id: number): boolean;
  /** Budget that is neither reserved nor spent. */
  left(): NanoDollars;
  /** Waits until a request is settled. Returns false at once when this process has none in flight. */
  nextSettled(): Promise<boolean>;
}

/**
 * Opens the account of a recipe.
 *
 * @param budget - USD, at least 0. A budget of 0 allows free requests.
 * @param recipe - Name of the recipe.
 */
export function createLedger(
  database: DatabaseSync,
  { recipe, run, budget }: { recipe: string; run: string; budget: number },
): Ledger {
  const limit = Math.floor(budget * NANO + 1e-6);
  // Single requests that an earlier process left open are lost with their replies.
  database
    .prepare(
      "UPDATE requests SET settled = reserved, outcome = 'lost' WHERE recipe = ? AND settled IS NULL AND batch IS NULL",
    )
    .run(recipe);
  const sum = database
    .prepare('SELECT coalesce(sum(coalesce(settled, reserved)), 0) AS total FROM requests WHERE recipe = ?')
    .get(recipe) as { total: number };
  let total = sum.total;
  /** Requests that this process has reserved and not settled. */
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
  // Keeps the first reply, unless it is damaged.
  const storeReply = database.prepare(
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
      if (reply !== null && keep) storeReply.run(key, JSON.stringify(reply));
    });
    total += cost - reserved;
    open.delete(id);
    for (const wake of waiting) wake();
    waiting = [];
    if (cost > reserved) throw priceTooLow(teacher, cost, reserved);
  };

  return {
    reserve(requests, batch) {
      const needed = requests.reduce((worst, request) => worst + request.worst, 0);
      if (needed > limit - total) {
        const who = requests.length === 1 ? 'The next request' : `The next ${requests.length} requests`;
        throw new BudgetExceededError(needed, limit - total, `${who} to ${requests[0]?.teacher}`);
      }
      const ids = inTransaction(() => {
        if (batch) insertBatch.run(batch.tag, recipe, batch.teacher, batch.since);
        return requests.map(({ stage, teacher, tier, key, worst }) =>
          Number(insert.run(recipe, run, stage, teacher, tier, key, batch?.tag ?? null, worst).lastInsertRowid),
        );
      });
      total += needed;
      for (const id of ids) open.add(id);
      return ids;
    },
    answered: (id, reply, cost, keep) => end(id, cost, 'answered', reply, keep),
    failed: (id, cost) => end(id, cost, 'failed', null, false),
    isSettled: (id) => (find.get(id) as unknown as Open | undefined)?.settled != null,
    left: () => limit - total,
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
    `A reply of ${teacher} cost $${toDollars(cost).toFixed(6)}, more than its worst case of $${toDollars(reserved).toFixed(6)}.`,
    'The provider counted tokens that were not sent, or more than the limit allows: check its bill before you continue.',
  );
}
