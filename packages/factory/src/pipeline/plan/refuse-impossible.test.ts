import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from './machine.ts';
import { refuseImpossible } from './refuse-impossible.ts';

const needs = { seconds: 7200, bytes: 3e9, memoryBytes: 6e9, money: 0 };
const free = { money: 0, bytes: null, hours: null, memory: null };
const refusal =
  (budget: Partial<typeof free> | object, machine = UNBOUNDED) =>
  () =>
    refuseImpossible(needs, { ...free, ...budget }, machine);

describe('refuseImpossible', () => {
  it('lets a plan through that stays inside its budget and its machine', () => {
    expect(refusal({})).not.toThrow();
    expect(refusal({ hours: 2, bytes: 3e9, memory: 6e9 }, { memoryBytes: 6e9, diskBytes: 3e9 })).not.toThrow();
  });

  it('names every limit of the budget that the plan exceeds, with both values', () => {
    expect(refusal({ hours: 1, bytes: 1e9, memory: 4e9 })).toThrow(
      'it takes about 2.00 h, budget.hours is 1; it writes about 3000000000 bytes, budget.bytes is 1000000000; it holds about 6000000000 bytes of memory, budget.memory is 4000000000',
    );
  });

  it('refuses figures that are no numbers', () => {
    const broken = { seconds: Number.NaN, bytes: Number.NaN, memoryBytes: Number.NaN, money: Number.NaN };
    expect(() => refuseImpossible(broken, free, UNBOUNDED)).toThrow('NaN');
  });

  it('refuses what the machine cannot hold, with what it needs and what there is', () => {
    expect(refusal({}, { memoryBytes: 4e9, diskBytes: 1e9 })).toThrow(
      'it holds about 6.0 GB of memory, the machine has 4.0 GB; it writes about 3.0 GB, the disk of the store has 1.0 GB free',
    );
  });
});
