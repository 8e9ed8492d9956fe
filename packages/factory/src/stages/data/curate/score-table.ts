import type { Domain } from '@cogumi/contracts';
import { enlarge, hashText, StringInterner } from '@cogumi/data/rows';
import { type ScoreParts, totalScore } from '@cogumi/data/text/score';

/** One row of the table: what the selection needs, without the text. */
export interface ScoredRow {
  readonly parts: ScoreParts;
  readonly source: string;
  readonly domain: Domain | null;
  readonly difficulty: 'easy' | 'hard';
  readonly language: string | null;
  /** Content hash, 32 hex digits. */
  readonly hash: string;
  readonly id: string;
}

const FIRST_ROWS = 4096;

/** In the column of domains: none is known. */
const NO_NAME = 2 ** 32 - 1;

/** Scores and labels of all rows in columns: 34 bytes a row, so ten million rows take 340 MB. */
export class ScoreTable {
  readonly #sources = new StringInterner();
  readonly #domains = new StringInterner();
  readonly #languages = new StringInterner();
  #rows = 0;
  #parts = new Uint16Array(4 * FIRST_ROWS);
  #score = new Float64Array(FIRST_ROWS);
  #tie = new Float64Array(FIRST_ROWS);
  #source = new Uint32Array(FIRST_ROWS);
  #domain = new Uint32Array(FIRST_ROWS);
  #difficulty = new Uint8Array(FIRST_ROWS);
  #language = new Uint8Array(FIRST_ROWS);

  get rows(): number {
    return this.#rows;
  }

  /** Names of sources, in order of first appearance. */
  get sources(): readonly string[] {
    return this.#sources.names;
  }

  add({ parts, source, domain, difficulty, language, hash, id }: ScoredRow): void {
    if (this.#rows === this.#score.length) this.#grow();
    const at = this.#rows++;
    this.#parts.set(
      [parts.english, parts.coherence, parts.length, parts.complexity].map((part) => Math.round(part * 1000)),
      4 * at,
    );
    this.#score[at] = totalScore(parts);
    this.#tie[at] = Number.parseInt(hash.slice(0, 8), 16) * 2 ** 21 + (hashText(`${source}/${id}`) >>> 11);
    this.#source[at] = this.#sources.id(source);
    this.#domain[at] = domain === null ? NO_NAME : this.#domains.id(domain);
    this.#difficulty[at] = Number(difficulty === 'hard');
    this.#language[at] = language === null ? 255 : this.#languages.id(language);
  }

  score = (at: number): number => this.#score[at] as number;
  source = (at: number): string => this.sources[this.#source[at] as number] as string;
  domain = (at: number): Domain | null => this.#domains.names[this.#domain[at] as number] ?? null;
  difficulty = (at: number): 'easy' | 'hard' => (this.#difficulty[at] === 1 ? 'hard' : 'easy');
  language = (at: number): string | null => this.#languages.names[this.#language[at] as number] ?? null;

  parts(at: number): ScoreParts {
    const [english = 0, coherence = 0, length = 0, complexity = 0] = this.#parts.subarray(4 * at, 4 * at + 4);
    return {
      english: english / 1000,
      coherence: coherence / 1000,
      length: length / 1000,
      complexity: complexity / 1000,
    };
  }

  /** Better rows first. Ties are broken by content hash, then by id and source, never by the input order. */
  compare = (left: number, right: number): number =>
    (this.#score[right] as number) - (this.#score[left] as number) ||
    (this.#tie[left] as number) - (this.#tie[right] as number);

  #grow(): void {
    const size = 2 * this.#score.length;
    this.#parts = enlarge(this.#parts, new Uint16Array(4 * size));
    this.#score = enlarge(this.#score, new Float64Array(size));
    this.#tie = enlarge(this.#tie, new Float64Array(size));
    this.#source = enlarge(this.#source, new Uint32Array(size));
    this.#domain = enlarge(this.#domain, new Uint32Array(size));
    this.#difficulty = enlarge(this.#difficulty, new Uint8Array(size));
    this.#language = enlarge(this.#language, new Uint8Array(size));
  }
}
