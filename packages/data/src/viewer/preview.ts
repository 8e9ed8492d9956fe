import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PreviewedRow, type PreviewToken, Turn } from '@cogumi/contracts';
import { z } from 'zod';
import { readAllJsonl } from '../formats/jsonl.ts';
import type { Fields } from './parse-row.ts';

/** The part of the engine that a preview needs: a job that writes files into its output folder. */
export interface PreviewEngine {
  run(request: {
    readonly job: 'preview';
    readonly inputs: Readonly<Record<string, string>>;
    readonly options: Readonly<Record<string, unknown>>;
    readonly output: string;
    readonly seed: number;
  }): Promise<unknown>;
}

/** Tokenizes rows as training would, in the same order. */
export type Preview = (rows: readonly Fields[]) => Promise<readonly PreviewedRow[]>;

/** The fields of a line that training reads; it ignores all others too. */
export const TrainingRow = z.union([
  z.object({
    question_id: z.string().nullable().default(null),
    history: z.array(Turn).default([]),
    question: z.string(),
    steps: z.array(Turn).optional(),
    answer: z.string(),
  }),
  z.object({ text: z.string() }),
]);

/**
 * Creates previews with the engine, by the code that training uses.
 *
 * @param model - HF folder; its tokenizer and chat template are read, its weights are not.
 * @param maxRowTokens - `train.maxRowTokens` of the recipe; a longer row is marked as left out.
 */
export function createPreview(
  engine: PreviewEngine,
  model: string,
  { maxRowTokens }: { maxRowTokens?: number } = {},
): Preview {
  return async (rows) => {
    const folder = await mkdtemp(join(tmpdir(), 'cogumi-preview-'));
    try {
      const path = join(folder, 'rows.jsonl');
      await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const options = maxRowTokens === undefined ? {} : { maxRowTokens };
      await engine.run({ job: 'preview', inputs: { model, rows: path }, options, output: folder, seed: 0 });
      return await readAllJsonl(join(folder, 'preview.jsonl'), PreviewedRow);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** A preview with the counts that the page shows first. */
export interface CountedPreview {
  readonly tokens: readonly PreviewToken[];
  readonly trained: number;
  readonly special: number;
  /** Why training learns nothing from the row; null if it does. */
  readonly reason: string | null;
}

export function countPreview({ tokens, reason }: PreviewedRow): CountedPreview {
  const trained = tokens.filter((token) => token.trained).length;
  const special = tokens.filter((token) => token.special).length;
  return { tokens, trained, special, reason: reason ?? (trained === 0 ? 'The row has no trained token.' : null) };
}
