/**
 * How long an adapter keeps its turn while another waits. After each switch llama.cpp plans its graphs again, which takes
 * about 0.5 ms for 5 layers, where a pass takes 1 ms (measured; README). A reader hardly notices a pause of 20 ms.
 */
const TURN_MS = 20;
/** The turn of a list in passes, because lists must not depend on time. */
const TURN_PASSES = 16;

/** Whose passes are next, where requests with different adapters take turns. */
export class AdapterTurns {
  /** As `Slot.key`; null: the base. */
  #key: string | null = null;
  #passes = 0;
  #began = 0;

  /** Gives the active adapters turns in a fixed order. @param list - Whether a list runs. */
  next(keys: Iterable<string | null>, list: boolean): string | null {
    const active = [...new Set(keys)].sort();
    const at = active.indexOf(this.#key);
    const over = list ? this.#passes >= TURN_PASSES : performance.now() - this.#began >= TURN_MS;
    if (at === -1 || over) {
      this.#key = active[(at + 1) % active.length] ?? null;
      this.#passes = 0;
      this.#began = performance.now();
    }
    this.#passes++;
    return this.#key;
  }

  /** The next turn begins anew. */
  forget(): void {
    this.#key = null;
    this.#passes = 0;
  }
}
