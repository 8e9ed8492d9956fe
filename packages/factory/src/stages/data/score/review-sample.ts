import type { Row } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { ScoredRow } from './score-rows.ts';

/** Draws rows for a person to label, as many kept as rejected where there are, from a stream of any length. */
export class ReviewSample {
  readonly #most: number;
  readonly #random: Random;
  readonly #pools = { kept: { seen: 0, rows: [] as Row[] }, rejected: { seen: 0, rows: [] as Row[] } };

  constructor(most: number, random: Random) {
    this.#most = most;
    this.#random = random;
  }

  offer({ row, reason }: ScoredRow): void {
    if (reason === 'unscored' || row.history.length > 0 || row.steps) return;
    const pool = this.#pools[reason === null ? 'kept' : 'rejected'];
    pool.seen++;
    // Reservoir sampling (Vitter 1985, algorithm R).
    if (pool.rows.length < this.#most) pool.rows.push(row);
    else {
      const place = this.#random.integer(0, pool.seen - 1);
      if (place < this.#most) pool.rows[place] = row;
    }
  }

  /** In random order and without the scores, so that they sway nobody: `good` is what the person says. */
  lines(): { question_id: string; question: string; answer: string; good: null }[] {
    const { kept, rejected } = this.#pools;
    const half = Math.floor(this.#most / 2);
    const bad = Math.min(rejected.rows.length, Math.max(half, this.#most - kept.rows.length));
    const chosen = [...rejected.rows.slice(0, bad), ...kept.rows.slice(0, this.#most - bad)];
    return this.#random
      .shuffle(chosen)
      .map(({ question_id, question, answer }) => ({ question_id, question, answer, good: null }));
  }
}
