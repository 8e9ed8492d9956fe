/** Shingles of a block: 4 M, 16 MB. */
const BLOCK = 2 ** 22;

/** The shingles of many texts, end to end in blocks; none lies across two. */
export class ShingleStore {
  readonly #blocks: Uint32Array[] = [];
  readonly #block: Uint32Array;
  readonly #start: Uint32Array;
  readonly #count: Uint32Array;
  #texts = 0;
  #room = 0;

  constructor(texts: number) {
    this.#block = new Uint32Array(texts);
    this.#start = new Uint32Array(texts);
    this.#count = new Uint32Array(texts);
  }

  /** Makes room for the next text: `most` shingles in its block from its start on. */
  open(most: number): void {
    if (most > this.#room) {
      this.#room = Math.max(BLOCK, most);
      this.#blocks.push(new Uint32Array(this.#room));
    }
    const number = this.#blocks.length - 1;
    this.#block[this.#texts] = number;
    this.#start[this.#texts] = (this.#blocks[number] as Uint32Array).length - this.#room;
  }

  /** The text that was opened has so many. */
  close(count: number): void {
    this.#count[this.#texts] = count;
    this.#room -= count;
    this.#texts++;
  }

  /** Where text `text` lies: `block[start..start + count)`. */
  block(text: number): Uint32Array {
    return this.#blocks[this.#block[text] as number] as Uint32Array;
  }

  start(text: number): number {
    return this.#start[text] as number;
  }

  count(text: number): number {
    return this.#count[text] as number;
  }
}
