import { CuratedRow } from '@cogumi/data/rows';
import type { z } from 'zod';

/** A row as it comes: curated, or straight from import and without a score. */
export const DedupRow = CuratedRow.partial({ score: true, language: true });
export type DedupRow = z.infer<typeof DedupRow>;
