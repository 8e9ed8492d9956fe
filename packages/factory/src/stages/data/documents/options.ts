import { Domain } from '@cogumi/contracts';
import type { z } from 'zod';
import { DocumentsOptions } from '../../documents-options.ts';

/** What the stage itself takes: the plan adds the domain's name. */
export const DocumentsStageOptions = DocumentsOptions.extend({ domain: Domain });
export type DocumentsStageOptions = z.infer<typeof DocumentsStageOptions>;
