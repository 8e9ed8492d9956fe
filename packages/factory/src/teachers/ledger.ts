import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** One paid request: reserved at its worst case, settled at what it cost. USD. */
interface Entry {
  readonly id: string;
  readonly stage: string;
  readonly teacher: string;
  readonly reserved: number;
  settled: number | null;
}

export interface Spend {
  readonly stage: string;
  readonly teacher: string;
  readonly requests: number;
  readonly money: number;
}

/** The plan's worst case or a single request would exceed what may be spent. */
export class BudgetExceededError extends CogumiError {
  readonly wanted: number;
  readonly left: number;

  constructor(wanted: number, left: number, what: string) {
    super(
      'BUDGET_EXCEEDED',
      `${what} may cost up to $${wanted.toFixed(6)}; $${left.toFixed(6)} of the budget are left.`,
      'Raise `budget.money`, ask for fewer questions, or name a cheaper teacher.',
      { exitCode: EXIT.usage },
    );
    this.wanted = wanted;
    this.left = left;
  }
}

/**
 * What a run may spend and has spent. The worst case is reserved before a request leaves and settled when its reply is
 * here, so the sum of both never passes the budget, whatever happens in between. The journal survives a crash: a
 * request that was reserved and never settled counts at its worst case.
 */
export interface Ledger {
  readonly budget: number;
  /** @throws BudgetExceededError before anything is spent. */
  reserve(request: { stage: string; teacher: string; worst: number }): string;
  /** @throws RangeError when the cost is above what was reserved: the price table is wrong. */
  settle(id: string, cost: number): void;
  spent(): number;
  summary(): Spend[];
}

/**
 * @param budget - USD, at least 0. Free requests pass a budget of 0.
 * @param journalPath - JSON lines, read back when it exists; null keeps the ledger in memory.
 */
export function createLedger(budget: number, journalPath: string | null): Ledger {
  const entries = new Map<string, Entry>();
  if (journalPath !== null && existsSync(journalPath)) replay(readFileSync(journalPath, 'utf8'), entries);

  const write = (line: object) => {
    if (journalPath !== null) appendFileSync(journalPath, `${JSON.stringify(line)}\n`);
  };
  // Kept as a running sum: a full build makes hundreds of thousands of requests.
  let total = [...entries.values()].reduce((sum, { reserved, settled }) => sum + (settled ?? reserved), 0);

  return {
    budget,
    spent: () => total,
    reserve({ stage, teacher, worst }) {
      const left = budget - total;
      // Sums of cents in binary floats drift by less than a millionth of a cent.
      if (worst > left + 1e-9) throw new BudgetExceededError(worst, left, `The next request to ${teacher}`);
      const id = String(entries.size + 1);
      const entry = { id, stage, teacher, reserved: worst, settled: null };
      write({ reserve: entry });
      entries.set(id, entry);
      total += worst;
      return id;
    },
    settle(id, cost) {
      const entry = entries.get(id);
      if (!entry) throw new RangeError(`no reservation ${id}`);
      if (cost > entry.reserved + 1e-9) {
        throw new RangeError(`request ${id} cost $${cost}, more than the $${entry.reserved} reserved for it`);
      }
      write({ settle: { id, cost } });
      total += cost - (entry.settled ?? entry.reserved);
      entry.settled = cost;
    },
    summary() {
      const rows = new Map<string, Spend>();
      for (const { stage, teacher, reserved, settled } of entries.values()) {
        const name = `${stage} ${teacher}`;
        const old = rows.get(name) ?? { stage, teacher, requests: 0, money: 0 };
        rows.set(name, { ...old, requests: old.requests + 1, money: old.money + (settled ?? reserved) });
      }
      return [...rows.values()];
    },
  };
}

function replay(journal: string, entries: Map<string, Entry>): void {
  for (const line of journal.split('\n')) {
    if (line === '') continue;
    let record: { reserve?: Entry; settle?: { id: string; cost: number } };
    try {
      record = JSON.parse(line) as typeof record;
    } catch {
      // A kill can cut the last line short; what it would have said was not acted on.
      continue;
    }
    if (record.reserve) entries.set(record.reserve.id, record.reserve);
    const settled = record.settle && entries.get(record.settle.id);
    if (settled && record.settle) settled.settled = record.settle.cost;
  }
}
