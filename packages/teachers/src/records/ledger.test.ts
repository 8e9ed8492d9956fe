import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { NANO } from '../cost.ts';
import type { ChatReply } from '../provider.ts';
import { type BatchRecord, createLedger, type Ledger } from './ledger.ts';
import { openRecords, recordsPath } from './open-records.ts';
import { openReplies } from './replies.ts';
import { readSpend } from './spend.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-records-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const whose = { recipe: 'r', run: '1', budget: 1 };
const usage = { inputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 3 };
const reply: ChatReply = { text: 'yes', finish: 'stop', usage, model: 'm', requestId: null };
/** Reserves an amount in USD for one request. */
const reserve = (ledger: Ledger, worst: number, key = 'k', batch?: BatchRecord) =>
  ledger.reserve([{ stage: 's', teacher: 't:m', tier: 0, key, worst: worst * NANO }], batch)[0] as number;

describe('createLedger', () => {
  it('keeps reserved and spent money within the budget for any sequence of requests', () => {
    const step = fc.record({
      worst: fc.integer({ min: 0, max: 2e9 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      end: fc.constantFrom('answered', 'failed', 'unknown', 'open'),
    });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10, noNaN: true }), fc.array(step, { maxLength: 40 }), (budget, steps) => {
        const ledger = createLedger(openRecords(null), { ...whose, budget });
        for (const { worst, share, end } of steps) {
          try {
            const [id] = ledger.reserve([{ stage: 's', teacher: 't', tier: null, key: 'k', worst }]) as [number];
            if (end === 'answered') ledger.answered(id, reply, Math.floor(worst * share), true);
            else if (end !== 'open') ledger.failed(id, end === 'failed' ? 0 : null);
          } catch (error) {
            expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
          }
          expect(ledger.left()).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 1 },
    );
  });

  it('adds up all runs of a recipe, and charges the worst case for a request that a kill left open', () => {
    const store = join(folder, 'killed');
    const before = openRecords(store);
    const killed = createLedger(before, whose);
    killed.answered(reserve(killed, 0.5, 'paid'), reply, 0.1 * NANO, true);
    reserve(killed, 0.4);
    before.close();

    const after = openRecords(store);
    const resumed = createLedger(after, { ...whose, run: '2' });
    expect(resumed.left()).toBe(0.5 * NANO);
    expect(openReplies(after).find('paid')).toEqual(reply);
    expect(() => reserve(resumed, 0.51)).toThrow('may cost up to $0.510000; $0.500000 of the budget are left');
    reserve(resumed, 0.5);
    expect(createLedger(after, { ...whose, recipe: 'another' }).left()).toBe(NANO);
    expect(readSpend(after, { run: '1' })).toMatchObject([{ tier: 0, requests: 2, inputTokens: 7, money: 0.5 }]);
    after.close();
  });

  it('treats a damaged reply as missing and replaces it by the next one', () => {
    const database = openRecords(null);
    const replies = openReplies(database);
    database.prepare('INSERT INTO replies VALUES (?, ?)').run('k', '{"text": "cu');
    expect([replies.has('k'), replies.find('k')]).toEqual([false, null]);
    const ledger = createLedger(database, whose);
    ledger.answered(reserve(ledger, 0.1), reply, 0, true);
    expect([replies.has('k'), replies.find('k')]).toEqual([true, reply]);
    ledger.answered(reserve(ledger, 0.1), { ...reply, text: 'another' }, 0, true);
    expect(replies.find('k')).toEqual(reply);
  });

  it('leaves the requests of a batch open after a kill, since its results can still be fetched', () => {
    const database = openRecords(null);
    reserve(createLedger(database, whose), 0.4, 'k', { tag: 'b1', teacher: 't:m', since: 0 });
    const resumed = createLedger(database, whose);
    expect(resumed.left()).toBe(0.6 * NANO);
    resumed.answered(1, reply, 0.1 * NANO, true);
    expect(resumed.left()).toBe(0.9 * NANO);
  });

  it('reserves all of several requests or none', () => {
    const ledger = createLedger(openRecords(null), whose);
    const two = [0.6, 0.6].map((worst) => ({ stage: 's', teacher: 't', tier: null, key: 'k', worst: worst * NANO }));
    expect(() => ledger.reserve(two)).toThrow('The next 2 requests');
    expect(ledger.left()).toBe(NANO);
  });

  it('records the true cost and throws when a reply cost more than its worst case', () => {
    const ledger = createLedger(openRecords(null), whose);
    const id = reserve(ledger, 0.1);
    expect(() => ledger.answered(id, reply, 0.2 * NANO, true)).toThrow('more than its worst case of $0.100000');
    expect(ledger.left()).toBe(0.8 * NANO);
  });

  it('waits for the next settled request, and returns at once when none is open', async () => {
    const ledger = createLedger(openRecords(null), whose);
    expect(await ledger.nextSettled()).toBe(false);
    const id = reserve(ledger, 1);
    const ended = ledger.nextSettled();
    ledger.failed(id, 0);
    expect(await ended).toBe(true);
    expect(() => ledger.failed(id, 0)).toThrow('settled already');
  });
});

describe('openRecords', () => {
  it('refuses an emptied file, which would reset the budget', () => {
    writeFileSync(recordsPath(folder), '');
    expect(() => openRecords(folder)).toThrow('it is empty');
  });

  it('refuses a file that is no database, and does not change it', () => {
    writeFileSync(recordsPath(folder), 'not a database, but long enough to be looked at as one');
    expect(() => openRecords(folder)).toThrow(expect.objectContaining({ code: 'RECORDS_UNREADABLE' }));
  });
});
