import { CuratedRow } from '@cogumi/data/rows';
import type { z } from 'zod';

/** An input row: curated, or imported and without a score. */
export const DedupRow = CuratedRow.partial({ score: true, language: true });
export type DedupRow = z.infer<typeof DedupRow>;
