import { join } from 'node:path';
import type { Row } from '@cogumi/contracts';
import { z } from 'zod';
import { type JsonlWriter, readJsonl } from '../formats/jsonl.ts';

/** A set of rows that a stage has written, with its rejected rows. */
export interface StageSet {
  /** The stage's name. */
  readonly name: string;
  readonly folder: string;
}

/** Rejected rows by stage and reason, in the order of the stages. */
export type RejectedCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** A line of a stage's `rejected.jsonl`: what import rejects has no id yet, only a place in a file and a code. */
const Rejected = z.looseObject({
  question_id: z.string().optional(),
  code: z.string().optional(),
  reason: z.string(),
});

/** Counts the rejected rows of stages. */
export async function countRejected(sets: readonly StageSet[]): Promise<RejectedCounts> {
  const counts = new Map<string, Map<string, number>>();
  for (const { name, folder } of sets) {
    const reasons = new Map<string, number>();
    for await (const { code, reason } of readJsonl(join(folder, 'rejected.jsonl'), Rejected)) {
      const why = code ?? reason;
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
    }
    counts.set(name, new Map([...reasons].sort(([, of], [, than]) => than - of)));
  }
  return counts;
}

/**
 * Writes the rejected rows of all stages, each with its stage and the whole row: stages note only its id. What import rejects is no row
 * yet, and has its place in the file and its beginning.
 *
 * @param sets - In the order of the stages; the first is that of import.
 */
export async function writeRejected(sets: readonly StageSet[], to: Pick<JsonlWriter, 'write'>): Promise<void> {
  const [first] = sets;
  if (!first) return;
  const byId = new Map<string, object>();
  for (const { name: stage, folder } of sets) {
    for await (const { question_id: id, ...rejected } of readJsonl(join(folder, 'rejected.jsonl'), Rejected)) {
      if (id === undefined) await to.write({ stage, ...rejected });
      else byId.set(id, { stage, ...rejected });
    }
  }
  for await (const row of readJsonl(join(first.folder, 'rows.jsonl'), z.custom<Row>())) {
    const why = byId.get(row.question_id);
    if (why !== undefined) await to.write({ ...row, ...why });
  }
}
