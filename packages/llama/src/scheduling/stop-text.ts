import { StringDecoder } from 'node:string_decoder';

/** Turns the bytes of tokens into text. Holds back incomplete characters, and text that may become a stop text. */
export class StopText {
  readonly #stops: readonly string[];
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Adds bytes. @returns The text that is complete now. */
  push(bytes: Buffer): string {
    if (this.stopped) return '';
    this.#held += this.#decoder.write(bytes);
    const at = this.#stops.map((stop) => this.#held.indexOf(stop)).filter((found) => found !== -1);
    if (at.length > 0) {
      this.stopped = true;
      const text = this.#held.slice(0, Math.min(...at));
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
