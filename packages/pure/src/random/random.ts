import { createHash } from 'node:crypto';

/** A reproducible random generator. All randomness in a build comes from generators that are forked by name. */
export interface Random {
  /** Uniform in [0, 1) with a resolution of 32 bits. */
  next(): number;
  /** Uniform whole number in [min, max], both included. */
  integer(min: number, max: number): number;
  /** True with the given probability (0..1). */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[];
  /** `count` different members, in random order. */
  sample<T>(items: readonly T[], count: number): T[];
  /** An independent generator. It depends only on this generator's seed and the name, not on earlier draws. */
  fork(name: string): Random;
}

/**
 * sfc32 (PractRand; Doty-Humphrey) seeded by the SHA-256 of `seed`.
 *
 * @param seed - Any text or number; equal seeds give equal streams on every machine.
 */
export function createRandom(seed: string | number): Random {
  const digest = createHash('sha256').update(String(seed)).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;

  const next = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) next();

  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const shuffle = <T>(items: readonly T[]): T[] => {
    const order = [...items];
    for (let last = order.length - 1; last > 0; last--) {
      const other = integer(0, last);
      [order[last], order[other]] = [order[other] as T, order[last] as T];
    }
    return order;
  };

  return {
    next,
    integer,
    shuffle,
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick from an empty list');
      return items[integer(0, items.length - 1)] as never;
    },
    sample: (items, count) => shuffle(items).slice(0, count),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
