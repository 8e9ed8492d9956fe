const SIZE = 624;
const SHIFT = 397;

/**
 * Python's `random.Random(seed)`: the Mersenne Twister MT19937 (Matsumoto & Nishimura 1998), seeded as Python seeds it with a whole
 * number. lm-eval draws the examples of its prompts with it.
 *
 * @param seed - Whole number from 0 to 2^32 - 1.
 */
export class PythonRandom {
  readonly #state = new Uint32Array(SIZE);
  #at = SIZE;

  constructor(seed: number) {
    const state = this.#state;
    const mixed = (index: number, factor: number) => {
      const before = state[index - 1] as number;
      return Math.imul(before ^ (before >>> 30), factor);
    };
    state[0] = 19_650_218;
    for (let index = 1; index < SIZE; index++) state[index] = mixed(index, 1_812_433_253) + index;
    let index = 1;
    const next = () => {
      if (++index < SIZE) return;
      state[0] = state[SIZE - 1] as number;
      index = 1;
    };
    for (let round = 0; round < SIZE; round++) {
      state[index] = ((state[index] as number) ^ mixed(index, 1_664_525)) + seed;
      next();
    }
    for (let round = 1; round < SIZE; round++) {
      state[index] = ((state[index] as number) ^ mixed(index, 1_566_083_941)) - index;
      next();
    }
    state[0] = 0x8000_0000;
  }

  /** `sample(range(count), drawn)`: that many different numbers below `count`, in the order in which they were drawn. */
  sample(count: number, drawn: number): number[] {
    if (drawn > count) throw new RangeError(`${drawn} of ${count} cannot be drawn`);
    // As in Python: a list of all is shorter than a set of those drawn.
    const setSize = 21 + (drawn > 5 ? 4 ** Math.ceil(Math.log(drawn * 3) / Math.log(4)) : 0);
    if (count <= setSize) {
      const pool = Array.from({ length: count }, (_, index) => index);
      return Array.from({ length: drawn }, (_, done) => {
        const at = this.#below(count - done);
        const found = pool[at] as number;
        pool[at] = pool[count - done - 1] as number;
        return found;
      });
    }
    const found = new Set<number>();
    while (found.size < drawn) found.add(this.#below(count));
    return [...found];
  }

  #below(bound: number): number {
    const unused = Math.clz32(bound);
    for (;;) {
      const value = this.#next() >>> unused;
      if (value < bound) return value;
    }
  }

  #next(): number {
    if (this.#at === SIZE) this.#twist();
    let value = this.#state[this.#at++] as number;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c_5680;
    value ^= (value << 15) & 0xefc6_0000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let index = 0; index < SIZE; index++) {
      const joined = ((state[index] as number) & 0x8000_0000) | ((state[(index + 1) % SIZE] as number) & 0x7fff_ffff);
      state[index] = (state[(index + SHIFT) % SIZE] as number) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908_b0df : 0);
    }
    this.#at = 0;
  }
}
