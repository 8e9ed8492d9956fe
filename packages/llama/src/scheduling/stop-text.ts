import { StringDecoder } from 'node:string_decoder';

/** Turns the bytes of tokens into text. Holds back incomplete characters, and text that may become a stop text. */
export class StopText {
  readonly #stops: readonly string[];
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  /** The stop text that has ended the answer. */
  found: string | null = null;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  get stopped(): boolean {
    return this.found !== null;
  }

  /** Adds bytes. @returns The text that is complete now. */
  push(bytes: Buffer): string {
    if (this.stopped) return '';
    this.#held += this.#decoder.write(bytes);
    const [first] = this.#stops
      .map((stop) => ({ stop, at: this.#held.indexOf(stop) }))
      .filter(({ at }) => at !== -1)
      .sort((one, other) => one.at - other.at);
    if (first) {
      this.found = first.stop;
      const text = this.#held.slice(0, first.at);
      this.#held = '';
      return text;
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => overlap(this.#held, stop)));
    const text = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return text;
  }

  /** Ends the answer. @returns The text that was held back. */
  end(): string {
    const text = this.stopped ? '' : this.#held + this.#decoder.end();
    this.#held = '';
    return text;
  }
}

/** Length of the longest suffix of `text` that is a prefix of `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
