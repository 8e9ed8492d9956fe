import { expect, it } from 'vitest';
import { interleaveKinds } from './interleave-kinds.ts';

const rowsOf = (kind: string, count: number) => Array.from({ length: count }, (_, at) => ({ kind, at }));

it('has each kind in its share in every beginning, to within one row', () => {
  const rows = interleaveKinds(
    [...rowsOf('new', 60), ...rowsOf('old', 30), ...rowsOf('rare', 10)],
    [({ kind }) => kind],
  );
  for (let end = 1; end <= rows.length; end++)
    for (const [kind, share] of Object.entries({ new: 0.6, old: 0.3, rare: 0.1 })) {
      const found = rows.slice(0, end).filter((row) => row.kind === kind).length;
      expect(Math.abs(found - share * end), `${kind} of ${end}`).toBeLessThanOrEqual(1);
    }
  expect(rows).toHaveLength(100);
});

it('keeps the order of the rows of a kind', () => {
  const rows = interleaveKinds([...rowsOf('new', 4), ...rowsOf('old', 3)], [({ kind }) => kind]);
  expect(rows.filter(({ kind }) => kind === 'old').map(({ at }) => at)).toEqual([0, 1, 2]);
});

it('has many kinds of one row in a beginning, in the share that they have together', () => {
  const rare = rowsOf('rare', 40).map(({ at }) => ({ kind: 'rare', task: `task ${at}` }));
  const often = rowsOf('often', 60).map(({ kind }) => ({ kind, task: 'one task' }));
  const rows = interleaveKinds([...often, ...rare], [({ kind }) => kind, ({ task }) => task]);
  expect(rows.slice(0, 10).filter(({ kind }) => kind === 'rare')).toHaveLength(4);
});
