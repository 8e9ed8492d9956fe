import { copyFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { withWriters } from '@cogumi/data/formats';
import {
  type DataFacts,
  dataCard,
  datasetInfo,
  type Handover,
  namesOf,
  type Written,
  writeRejected,
  writeTrainingFiles,
} from '@cogumi/data/handover';
import type { SetPlace } from '@cogumi/data/viewer';
import { makeFolder } from '@cogumi/pure';
import { UsageError } from '../parse-call.ts';

const [CARD, INFO, REJECTED] = ['README.md', 'dataset_info.json', 'rejected.jsonl'] as const;
/** Lists that `filter` writes; each is copied if the stage has looked for something, or has found it. */
const [CONTAMINATION, REDACTIONS] = ['contamination.jsonl', 'redactions.jsonl'] as const;

/** Refuses a folder that has a file which would be written. @throws UsageError before any work is done. */
export async function refuseExisting(out: string, handover: Handover): Promise<void> {
  const { train, validation } = namesOf(handover);
  for (const name of [train, validation, CARD, INFO, REJECTED, CONTAMINATION, REDACTIONS]) {
    if (name === null || (await stat(join(out, name)).catch(() => null)) === null) continue;
    throw new UsageError(`${join(out, name)} already exists.`, 'Set --out to a new or empty folder.');
  }
}

/**
 * Writes the rows of the last stage into a folder: for a trainer, with a data card, and the rejected rows of every stage.
 *
 * @param sets - In the order of the stages.
 */
export async function handOver(
  sets: readonly SetPlace[],
  out: string,
  handover: Handover,
  facts: DataFacts,
): Promise<Written> {
  makeFolder(out);
  const last = sets.at(-1) as SetPlace;
  const written = await withWriters({ rejected: join(out, REJECTED) }, async ({ rejected }) => {
    await writeRejected(sets, rejected);
    const leave = (row: object, reason: string) => rejected.write({ ...row, stage: 'form', reason });
    return writeTrainingFiles(join(last.folder, 'rows.jsonl'), out, handover, leave);
  });
  // Without a benchmark the first is empty, as if nothing had been found.
  const lists = [
    ...(facts.benchmarks.length > 0 ? [CONTAMINATION] : []),
    ...(facts.redacted.rows > 0 ? [REDACTIONS] : []),
  ];
  for (const name of lists) await copyFile(join(last.folder, name), join(out, name));
  await writeFile(join(out, CARD), dataCard({ name: basename(resolve(out)), handover, written, ...facts }));
  const info = datasetInfo(written, handover.form);
  if (info !== null) await writeFile(join(out, INFO), `${JSON.stringify(info, null, 2)}\n`);
  return written;
}
