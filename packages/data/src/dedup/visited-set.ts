/** A set of numbers that is emptied by incrementing a round number. */
export class VisitedSet {
  readonly #numbers: Uint32Array;
  readonly #addedIn: Uint32Array;
  #round = 1;

  /** @param slots - A power of two, greater than the most numbers it will hold. */
  constructor(slots: number) {
    this.#numbers = new Uint32Array(slots);
    this.#addedIn = new Uint32Array(slots);
  }

  clear(): void {
    this.#round++;
  }

  /** @returns False if the set has the number already. */
  add(number: number): boolean {
    const numbers = this.#numbers;
    const addedIn = this.#addedIn;
    const mask = numbers.length - 1;
    let slot = Math.imul(number, 0x9e3779b1) & mask;
    for (; addedIn[slot] === this.#round; slot = (slot + 1) & mask) if (numbers[slot] === number) return false;
    addedIn[slot] = this.#round;
    numbers[slot] = number;
    return true;
  }
}
