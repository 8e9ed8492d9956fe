import { describe, expect, it } from 'vitest';
import { StringInterner } from './string-interner.ts';

describe('StringInterner', () => {
  it('numbers names in the order they come, each once', () => {
    const table = new StringInterner();
    expect(['b', 'a', 'b', 'constructor', 'a'].map((name) => table.id(name))).toEqual([0, 1, 0, 2, 1]);
    expect(table.names).toEqual(['b', 'a', 'constructor']);
  });
});
