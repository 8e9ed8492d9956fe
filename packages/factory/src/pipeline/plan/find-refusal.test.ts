import { describe, expect, it } from 'vitest';
import { findRefusal } from './find-refusal.ts';

const needs = { seconds: 7200, bytes: 3e9, memoryBytes: 6e9, money: 0 };
const large = { memoryBytes: 1e15, diskBytes: 1e15 };
const free = { money: 0, bytes: null, hours: null, memory: null };
const refusal = (budget: Partial<typeof free> | object, machine = large) =>
  findRefusal(needs, { ...free, ...budget }, machine)?.message ?? null;

describe('findRefusal', () => {
  it('lets a plan through that stays inside its budget and its machine', () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ hours: 2, bytes: 3e9, memory: 6e9 }, { memoryBytes: 6e9, diskBytes: 3e9 })).toBeNull();
  });

  it('names every limit of the budget that the plan exceeds, with both values', () => {
    expect(refusal({ hours: 1, bytes: 1e9, memory: 4e9 })).toContain(
      'it takes about 2.00 h, budget.hours is 1; it writes about 3000000000 bytes, budget.bytes is 1000000000; it holds about 6000000000 bytes of memory, budget.memory is 4000000000',
    );
  });

  it('refuses figures that are no numbers', () => {
    const broken = { seconds: Number.NaN, bytes: Number.NaN, memoryBytes: Number.NaN, money: Number.NaN };
    expect(findRefusal(broken, free, large)?.message).toContain('NaN');
  });

  it('refuses what the machine cannot hold, with what it needs and what there is', () => {
    expect(refusal({}, { memoryBytes: 4e9, diskBytes: 1e9 })).toContain(
      'it holds about 6.0 GB of memory, the machine has 4.0 GB; it writes about 3.0 GB, the disk of the store has 1.0 GB free',
    );
  });
});
