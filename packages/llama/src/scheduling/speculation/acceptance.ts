/** What is assumed before anything is known, with the weight of so many tokens: much, so that it is tried, and little, so that a refusal shows (chosen). */
const FIRST_RATE = 0.95;
const FIRST_WEIGHT = 2;
/** Weight of a token with each later one: about the last ten count, because texts repeat their prompts in parts (chosen). */
const MEMORY = 0.9;
/** After so many drafts on offer that did not pay, one is tried again, and after twice as many the next time (chosen). */
const FIRST_WAIT = 32;
const LONGEST_WAIT = 256;

/** How often the drafted tokens of one answer are accepted. */
export class Acceptance {
  #expected: number;
  #accepted = 0;
  #tried = 0;
  #declined = 0;
  #wait = FIRST_WAIT;

  /** @param expected - Probability that is assumed before anything is known of this answer. */
  constructor(expected = FIRST_RATE) {
    this.#expected = expected;
  }

  /** Probability that a drafted token is accepted if those before it were. */
  get rate(): number {
    return (this.#expected * FIRST_WEIGHT + this.#accepted) / (FIRST_WEIGHT + this.#tried);
  }

  /** False: nothing is known, as at first. */
  get known(): boolean {
    return this.#tried > 0;
  }

  /** Counts a draft that was tried. After the first refused token nothing is known of the others. */
  observe(drafted: number, accepted: number): void {
    const tried = Math.min(drafted, accepted + 1);
    this.#accepted = this.#accepted * MEMORY ** tried + accepted;
    this.#tried = this.#tried * MEMORY ** tried + tried;
    this.#declined = 0;
    if (accepted === drafted) this.#wait = FIRST_WAIT;
  }

  /** Counts a draft that was on offer and did not pay. Seldom enough all is forgotten, so that one is tried again. */
  decline(): void {
    if (++this.#declined < this.#wait) return;
    this.#declined = 0;
    this.#expected = FIRST_RATE;
    this.#wait = Math.min(LONGEST_WAIT, 2 * this.#wait);
    this.#accepted = 0;
    this.#tried = 0;
  }
}
