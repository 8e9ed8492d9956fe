import { describe, expect, it } from 'vitest';
import { findRefusal } from './find-refusal.ts';
import type { Machine } from './machine.ts';

const needs = { seconds: 7200, bytes: 3e9, downloadBytes: 0, memoryBytes: 6e9, money: 0 };
const large: Machine = { memoryBytes: 1e15, diskBytes: 1e15, cacheDiskBytes: null };
const free = { money: 0, bytes: null, hours: null, memory: null };
const refusal = (budget: Partial<typeof free> | object, machine = large) =>
  findRefusal(needs, { ...free, ...budget }, machine)?.message ?? null;

describe('findRefusal', () => {
  it('lets a plan through that stays inside its budget and its machine', () => {
    expect(refusal({})).toBeNull();
    expect(
      refusal({ hours: 2, bytes: 3e9, memory: 6e9 }, { memoryBytes: 6e9, diskBytes: 3e9, cacheDiskBytes: null }),
    ).toBeNull();
  });

  it('names every limit of the budget that the plan exceeds, with both values', () => {
    expect(refusal({ hours: 1, bytes: 1e9, memory: 4e9 })).toContain(
      'it takes about 2.00 h, budget.hours is 1; it writes about 3000000000 bytes, budget.bytes is 1000000000; it holds about 6000000000 bytes of memory, budget.memory is 4000000000',
    );
  });

  it('refuses figures that are no numbers', () => {
    const broken = {
      seconds: Number.NaN,
      bytes: Number.NaN,
      memoryBytes: Number.NaN,
      money: Number.NaN,
      downloadBytes: 0,
    };
    expect(findRefusal(broken, free, large)?.message).toContain('NaN');
  });

  it('refuses what the machine cannot hold, with what it needs and what there is', () => {
    expect(refusal({}, { memoryBytes: 4e9, diskBytes: 1e9, cacheDiskBytes: null })).toContain(
      'it holds about 6.0 GB of memory, the machine has 4.0 GB; it writes about 3.0 GB, the disk of the store has 1.0 GB free',
    );
  });

  it('counts downloads in the budget, and on the disk where they go', () => {
    const needed = { ...needs, downloadBytes: 2e9 };
    const told = (machine: Machine, bytes: number | null = null) =>
      findRefusal(needed, { ...free, bytes }, machine)?.message ?? null;
    expect(told(large, 5e9)).toBeNull();
    expect(told(large, 4e9)).toContain(
      'it writes about 5000000000 bytes (2000000000 of them downloads), budget.bytes is 4000000000',
    );
    expect(told({ ...large, diskBytes: 4e9 })).toContain('it writes about 5.0 GB, the disk of the store has 4.0 GB');
    expect(told({ ...large, diskBytes: 4e9, cacheDiskBytes: 3e9 })).toBeNull();
    expect(told({ ...large, diskBytes: 4e9, cacheDiskBytes: 1e9 })).toContain(
      "it downloads 2.0 GB, the disk of the hub's cache (HF_HUB_CACHE) has 1.0 GB free",
    );
  });
});
