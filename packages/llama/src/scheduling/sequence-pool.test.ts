import { describe, expect, it } from 'vitest';
import { SequencePool } from './sequence-pool.ts';

const count = (from: number, length: number) => Array.from({ length }, (_, at) => from + at);

it('gives a conversation its own cache back, up to where the two differ', () => {
  const pool = new SequencePool(2);
  const first = pool.take(count(0, 10), 'base');
  expect(first).toEqual({ sequence: 0, reused: 0 });
  pool.release(0, { key: 'base', tokens: count(0, 20) });
  expect(pool.take([...count(0, 18), 99, 98], 'base')).toEqual({ sequence: 0, reused: 18 });
});

it('reads the last token of a prompt again, because its logits are needed', () => {
  const pool = new SequencePool(1);
  pool.take([1, 2, 3], 'base');
  pool.release(0, { key: 'base', tokens: [1, 2, 3, 4] });
  expect(pool.take([1, 2, 3], 'base')).toEqual({ sequence: 0, reused: 2 });
});

it('never gives what another adapter has read', () => {
  const pool = new SequencePool(1);
  pool.take([1, 2, 3], 'code');
  pool.release(0, { key: 'code', tokens: [1, 2, 3] });
  expect(pool.take([1, 2, 3], 'base')).toEqual({ sequence: 0, reused: 0 });
});

it('does not give up a long conversation for a short beginning while another sequence is free', () => {
  const pool = new SequencePool(2);
  pool.take(count(0, 5), 'base');
  pool.release(0, { key: 'base', tokens: count(0, 100) });
  expect(pool.take([...count(0, 10), 77], 'base')).toEqual({ sequence: 1, reused: 0 });
});

it('takes the longest unused where all hold something else', () => {
  const pool = new SequencePool(2);
  const [one, two] = [pool.take([1], 'base'), pool.take([2], 'base')];
  pool.release(two.sequence, { key: 'base', tokens: count(200, 9) });
  pool.release(one.sequence, { key: 'base', tokens: count(100, 9) });
  expect(pool.take(count(300, 9), 'base').sequence).toBe(two.sequence);
});

it('forgets everything, and takes sequences by their numbers again', () => {
  const pool = new SequencePool(3);
  for (const _ of count(0, 3)) pool.take([1], 'base');
  for (const sequence of [2, 0, 1]) pool.release(sequence, { key: 'base', tokens: [1, 2, sequence] });
  pool.forget();
  expect(count(0, 3).map(() => pool.take([1, 2, 0], 'base'))).toEqual(
    count(0, 3).map((sequence) => ({ sequence, reused: 0 })),
  );
  expect(() => pool.take([1], 'base')).toThrow(RangeError);
});

it('gives the spare to a request for what was inspected, and makes another sequence the spare', () => {
  const pool = new SequencePool(1);
  const spare = pool.takeSpare();
  pool.keepSpare({ key: 'base', tokens: [5, 6, 7] });
  expect(pool.take([5, 6, 7], 'base')).toEqual({ sequence: spare, reused: 2 });
  expect([pool.size, pool.takeSpare()]).toEqual([0, 0]);
  expect(() => pool.take([5, 6, 7], 'base')).toThrow(RangeError);
});

describe('the sequences in use', () => {
  const used = (pool: SequencePool, times: number) =>
    count(0, times).map((at) => pool.take(count(1000 * (at + 1), 9), 'base').sequence);

  it('stay side by side, whatever was released before', () => {
    const pool = new SequencePool(8);
    const all = used(pool, 8);
    // The longest unused are far from each other.
    for (const sequence of [0, 4, 1, 6, 2, 5])
      pool.release(sequence, { key: 'base', tokens: count(5000 + sequence, 9) });
    const left = all.filter((sequence) => [3, 7].includes(sequence));
    const now = [...left, ...used(pool, 3)].sort();
    expect(now).toEqual([3, 4, 5, 6, 7]);
  });

  it('leave no gap for the spare', () => {
    const pool = new SequencePool(4);
    const [, second] = used(pool, 4);
    pool.release(second as number, { key: 'base', tokens: count(5000, 9) });
    pool.release(0, { key: 'base', tokens: count(6000, 9) });
    pool.takeSpare();
    pool.keepSpare({ key: 'base', tokens: count(90_000, 9) });
    expect(pool.take(count(90_000, 9), 'base')).toEqual({ sequence: 4, reused: 8 });
    expect([pool.takeSpare(), ...used(pool, 1)]).toEqual([0, 1]);
  });

  it('are left for a long beginning that is known, and not for a short one', () => {
    const pool = new SequencePool(4);
    used(pool, 4);
    pool.release(3, { key: 'base', tokens: count(0, 600) });
    pool.release(1, { key: 'base', tokens: count(20_000, 9) });
    pool.release(2, null);
    pool.release(0, null);
    expect(pool.take(count(70_000, 9), 'base').sequence).toBe(0);
    expect(pool.take(count(0, 700), 'base')).toEqual({ sequence: 3, reused: 600 });
    pool.release(3, { key: 'base', tokens: count(0, 400) });
    expect(pool.take(count(0, 700), 'base')).toEqual({ sequence: 1, reused: 0 });
  });
});
