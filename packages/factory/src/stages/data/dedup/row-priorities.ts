import { enlarge, StringInterner } from '@cogumi/data/rows';
import type { DedupRow } from './dedup-row.ts';

/**
 * Decides which of two duplicates is kept, for any number of rows: the higher score, then the smaller content hash (arbitrary,
 * but the same in every input order), then the source whose name sorts first, then the id that sorts first.
 */
export class RowPriorities {
  count = 0;
  readonly #sources = new StringInterner();
  #sourceOf = new Uint32Array(4096);
  #scores = new Float64Array(4096);
  /** The first 64 bits of each content hash, in two halves: enough to distinguish rows. */
  #hashes = new Uint32Array(2 * 4096);
  /** All ids, concatenated in UTF-8, and the start of each. */
  #ids = Buffer.alloc(2 ** 16);
  #idStarts = new Float64Array(4097);

  add({ source, score = 0, hash, question_id }: DedupRow): void {
    this.#makeRoom(question_id);
    const row = this.count++;
    this.#sourceOf[row] = this.#sources.id(source);
    this.#scores[row] = score;
    this.#hashes[2 * row] = Number.parseInt(hash.slice(0, 8), 16);
    this.#hashes[2 * row + 1] = Number.parseInt(hash.slice(8, 16), 16);
    const start = this.#idStarts[row] as number;
    this.#idStarts[row + 1] = start + this.#ids.write(question_id, start, 'utf8');
  }

  /** Names of sources, in order of first appearance. */
  get sources(): readonly string[] {
    return this.#sources.names;
  }

  /** Index of the row's source in `sources`. */
  source(row: number): number {
    return this.#sourceOf[row] as number;
  }

  id(row: number): string {
    return this.#ids.toString('utf8', this.#idStarts[row], this.#idStarts[row + 1]);
  }

  /** Negative if `left` has the higher priority. */
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

  /** All rows, highest priority first. */
  order(): Uint32Array {
    const rows = Uint32Array.from({ length: this.count }, (_, row) => row);
    return rows.sort((left, right) => this.compare(left, right));
  }

  #makeRoom(id: string): void {
    if (this.count === this.#scores.length) {
      const room = 2 * this.count;
      this.#sourceOf = enlarge(this.#sourceOf, new Uint32Array(room));
      this.#scores = enlarge(this.#scores, new Float64Array(room));
      this.#hashes = enlarge(this.#hashes, new Uint32Array(2 * room));
      this.#idStarts = enlarge(this.#idStarts, new Float64Array(room + 1));
    }
    const needed = (this.#idStarts[this.count] as number) + 3 * id.length;
    if (needed > this.#ids.length) this.#ids = enlarge(this.#ids, Buffer.alloc(Math.max(2 * this.#ids.length, needed)));
  }
}

const compareNames = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
