import { NameTable, widened } from '@cogumi/data/rows';
import type { DedupRow } from './dedup-row.ts';

/**
 * What decides who of two duplicates stays, for any number of rows: the higher score, then the lesser content hash (chance,
 * but the same in every order of the input), then the source whose name sorts first, then the id that does.
 */
export class Merits {
  count = 0;
  readonly #sources = new NameTable();
  #sourceOf = new Uint32Array(4096);
  #scores = new Float64Array(4096);
  /** The first 64 bits of each hash, in two: as far apart as need be. */
  #hashes = new Uint32Array(2 * 4096);
  /** All ids end to end, UTF-8, and where each starts. */
  #ids = Buffer.alloc(2 ** 16);
  #idStarts = new Float64Array(4097);

  add({ source, score = 0, hash, question_id }: DedupRow): void {
    this.#makeRoom(question_id);
    const row = this.count++;
    this.#sourceOf[row] = this.#sources.number(source);
    this.#scores[row] = score;
    this.#hashes[2 * row] = Number.parseInt(hash.slice(0, 8), 16);
    this.#hashes[2 * row + 1] = Number.parseInt(hash.slice(8, 16), 16);
    const start = this.#idStarts[row] as number;
    this.#idStarts[row + 1] = start + this.#ids.write(question_id, start, 'utf8');
  }

  /** Names of sources, as they came. */
  get sources(): readonly string[] {
    return this.#sources.names;
  }

  /** Place of the row's source in `sources`. */
  source(row: number): number {
    return this.#sourceOf[row] as number;
  }

  id(row: number): string {
    return this.#ids.toString('utf8', this.#idStarts[row], this.#idStarts[row + 1]);
  }

  /** Negative where the first is better. */
  compare(left: number, right: number): number {
    const scores = this.#scores;
    const hashes = this.#hashes;
    return (
      (scores[right] as number) - (scores[left] as number) ||
      (hashes[2 * left] as number) - (hashes[2 * right] as number) ||
      (hashes[2 * left + 1] as number) - (hashes[2 * right + 1] as number) ||
      compareNames(this.sources[this.source(left)] as string, this.sources[this.source(right)] as string) ||
      compareNames(this.id(left), this.id(right))
    );
  }

  /** All rows, best first. */
  order(): Uint32Array {
    const rows = Uint32Array.from({ length: this.count }, (_, row) => row);
    return rows.sort((left, right) => this.compare(left, right));
  }

  #makeRoom(id: string): void {
    if (this.count === this.#scores.length) {
      const room = 2 * this.count;
      this.#sourceOf = widened(this.#sourceOf, new Uint32Array(room));
      this.#scores = widened(this.#scores, new Float64Array(room));
      this.#hashes = widened(this.#hashes, new Uint32Array(2 * room));
      this.#idStarts = widened(this.#idStarts, new Float64Array(room + 1));
    }
    const needed = (this.#idStarts[this.count] as number) + 3 * id.length;
    if (needed > this.#ids.length) this.#ids = widened(this.#ids, Buffer.alloc(Math.max(2 * this.#ids.length, needed)));
  }
}

const compareNames = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
