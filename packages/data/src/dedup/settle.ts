import { BATCH, type Batch } from './batch.ts';
import { SHORT } from './block-reader.ts';
import type { Catalogue } from './catalogue.ts';
import type { Crew } from './crew.ts';
import { EXITS, SEARCH } from './dedup-bench.ts';
import type { KeeperSearch } from './keeper-search.ts';
import { PrefixIndex, type PrefixTables } from './prefix-index.ts';
import { mostRarest } from './rarest-shingles.ts';

/** Texts of a job. */
const JOB = 256;

/**
 * Settles all texts in the order of merit, batch after batch: all threads look among the keepers of earlier batches, one
 * then looks inside the batch (as in Blelloch, Fineman & Shun 2012, "Greedy sequential maximal independent set and
 * matching are parallel on average"). So the result is that of one text after another, whatever the number of threads.
 *
 * @yields How many are settled.
 */
export function* settleAll(catalogue: Catalogue, batch: Batch, search: KeeperSearch, crew: Crew): Generator<number> {
  const texts = catalogue.counts.length;
  const settled = new PrefixIndex();
  const recent = new PrefixIndex();
  const room = mostRarest(SHORT, catalogue.threshold);
  let told: PrefixTables | undefined;
  let exits = crew.post(EXITS, 0, Math.min(BATCH, texts));
  for (let first = 0; first < texts; first += BATCH) {
    const end = Math.min(first + BATCH, texts);
    if (settled.heads !== told?.heads || settled.entries !== told?.entries) {
      told = { heads: settled.heads, entries: settled.entries };
      crew.tell({ settled: told });
    }
    crew.finish(exits);
    crew.finishAll(SEARCH, first, end, JOB);
    // Others may look at the next batch meanwhile: its chains hang on no result.
    exits = crew.post(EXITS, end, Math.min(end + BATCH, texts));
    recent.clear();
    for (let text = first; text < end; text++) {
      search.inside(text, recent);
      if (catalogue.keeper[text] === text) addRarest(recent, text);
    }
    for (let text = first; text < end; text++) if (catalogue.keeper[text] === text) addRarest(settled, text);
    yield end;
  }

  function addRarest(index: PrefixIndex, text: number): void {
    const at = (text % BATCH) * room;
    const count = batch.rarestCounts[text % BATCH] as number;
    for (let place = at; place < at + count; place++) index.add(text, batch.rarest[place] as number);
  }
}
