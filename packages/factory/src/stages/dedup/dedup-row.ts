import type { z } from 'zod';
import { CuratedRow } from '../../rows/curated-row.ts';

/** A row as it comes: curated, or straight from import and without a score. */
export const DedupRow = CuratedRow.partial({ score: true, language: true });
export type DedupRow = z.infer<typeof DedupRow>;
