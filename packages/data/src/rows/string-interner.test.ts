import { describe, expect, it } from 'vitest';
import { StringInterner } from './string-interner.ts';

describe('StringInterner', () => {
  it('numbers each name once, in order of first appearance', () => {
    const table = new StringInterner();
    expect(['b', 'a', 'b', 'constructor', 'a'].map((name) => table.id(name))).toEqual([0, 1, 0, 2, 1]);
    expect(table.names).toEqual(['b', 'a', 'constructor']);
  });
});
