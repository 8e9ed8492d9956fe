/**
 * How much of a limit per period has been used. Use is freed evenly over time, so a limit of 60 a minute frees one a second, and a
 * client that was quiet for a minute may use 60 at once. Time is monotonic: setting the clock of the machine changes nothing.
 */
export class LeakyBucket {
  readonly #periodMs: number;
  readonly #now: () => number;
  #used = 0;
  #at: number;

  /** @param now - Milliseconds of a clock that never goes back. */
  constructor(periodMs: number, now: () => number = () => performance.now()) {
    this.#periodMs = periodMs;
    this.#now = now;
    this.#at = now();
  }

  /** Milliseconds until one more fits; 0: it fits now. */
  waitMs(limit: number): number {
    this.#leak(limit);
    const over = this.#used + 1 - limit;
    return over <= 0 ? 0 : (over / limit) * this.#periodMs;
  }

  /** What is used now. */
  used(limit: number): number {
    this.#leak(limit);
    return this.#used;
  }

  /** May use more than the limit: what an answer takes is known when it has ended. */
  use(amount: number, limit: number): void {
    this.#leak(limit);
    this.#used += amount;
  }

  #leak(limit: number): void {
    const now = this.#now();
    this.#used = Math.max(0, this.#used - ((now - this.#at) / this.#periodMs) * limit);
    this.#at = now;
  }
}
