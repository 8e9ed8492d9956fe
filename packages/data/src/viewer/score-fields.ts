import { Turn } from '@cogumi/contracts';
import { z } from 'zod';
import { explainRow } from '../curation/explain-row.ts';
import { loadIdentifier } from '../text/language.ts';
import type { Fields } from './parse-row.ts';

/** The fields that a score is computed from; others do not change it. */
const ScoredRow = z.object({
  history: z.array(Turn).default([]),
  steps: z.array(Turn).optional(),
  question: z.string(),
  answer: z.string(),
  domain: z.any().default(null),
  difficulty: z.any().default(null),
});

let identifier: ReturnType<typeof loadIdentifier> | null = null;

/** The parts of a row's score with reasons, computed as `curate` does; null if the line is not a row. */
export async function scoreFields(fields: Fields) {
  const row = ScoredRow.safeParse(fields);
  if (!row.success) return null;
  identifier ??= loadIdentifier();
  return explainRow(row.data as Parameters<typeof explainRow>[0], await identifier);
}
