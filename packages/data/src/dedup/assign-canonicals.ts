import { type AssignmentBatch, BATCH_TEXTS } from './assignment-batch.ts';
import { SHORT } from './block-reader.ts';
import type { CandidateIndex } from './candidate-index.ts';
import type { CanonicalSearch } from './canonical-search.ts';
import { BOUNDARIES, SEARCH } from './dedup-task-runner.ts';
import { PrefixIndex, type PrefixTables } from './prefix-index.ts';
import { prefixLength } from './prefix-shingles.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Texts a task (chosen). */
const TASK_TEXTS = 256;

/**
 * Assigns each text a canonical text, in order of priority and batch by batch. All threads search the canonical texts of
 * earlier batches; then one thread searches within the batch (as in Blelloch, Fineman & Shun 2012, "Greedy sequential
 * maximal independent set and matching are parallel on average"). So the result equals that of one text after another,
 * whatever the number of threads.
 *
 * @yields The number of texts assigned so far.
 */
export function* assignCanonicals(
  index: CandidateIndex,
  batch: AssignmentBatch,
  search: CanonicalSearch,
  pool: WorkerPool,
): Generator<number> {
  const texts = index.counts.length;
  const assigned = new PrefixIndex();
  const recent = new PrefixIndex();
  const room = prefixLength(SHORT, index.threshold);
  let sent: PrefixTables | undefined;
  let boundaries = pool.post(BOUNDARIES, 0, Math.min(BATCH_TEXTS, texts));
  for (let first = 0; first < texts; first += BATCH_TEXTS) {
    const end = Math.min(first + BATCH_TEXTS, texts);
    if (assigned.heads !== sent?.heads || assigned.entries !== sent?.entries) {
      sent = { heads: assigned.heads, entries: assigned.entries };
      pool.broadcast({ assigned: sent });
    }
    pool.wait(boundaries);
    pool.runAll(SEARCH, first, end, TASK_TEXTS);
    // Other threads may prepare the next batch meanwhile: its boundaries depend on no result.
    boundaries = pool.post(BOUNDARIES, end, Math.min(end + BATCH_TEXTS, texts));
    recent.clear();
    for (let text = first; text < end; text++) {
      search.assignWithinBatch(text, recent);
      if (index.canonical[text] === text) addPrefix(recent, text);
    }
    for (let text = first; text < end; text++) if (index.canonical[text] === text) addPrefix(assigned, text);
    yield end;
  }

  function addPrefix(prefixIndex: PrefixIndex, text: number): void {
    const at = (text % BATCH_TEXTS) * room;
    const count = batch.prefixCounts[text % BATCH_TEXTS] as number;
    for (let place = at; place < at + count; place++) prefixIndex.add(text, batch.prefixes[place] as number);
  }
}
