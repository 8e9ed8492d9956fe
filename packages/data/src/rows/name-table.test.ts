import { describe, expect, it } from 'vitest';
import { NameTable } from './name-table.ts';

describe('NameTable', () => {
  it('numbers names in the order they come, each once', () => {
    const table = new NameTable();
    expect(['b', 'a', 'b', 'constructor', 'a'].map((name) => table.number(name))).toEqual([0, 1, 0, 2, 1]);
    expect(table.names).toEqual(['b', 'a', 'constructor']);
  });
});
