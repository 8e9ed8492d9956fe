import { hash } from 'node:crypto';
import { chatOf, type Row } from '@cogumi/contracts';

type Given = Partial<Omit<Row, 'hash'>> & Pick<Row, 'question_id' | 'question' | 'answer' | 'source' | 'licence'>;

/** Makes a row: missing fields become null, and the content is hashed. */
export function makeRow(given: Given): Row {
  const row = { domain: null, difficulty: null, history: [], reasoning: null, teacher: null, terms: null, ...given };
  return { ...row, hash: hashContent(row) };
}

/** 128 bits of SHA-256, in hex, over the text that a model reads: equal rows of different sets have equal hashes. */
export function hashContent(row: Pick<Row, 'history' | 'question' | 'steps' | 'answer'>): string {
  const turns = chatOf(row).map(({ role, content }) => [role, content]);
  // A lone surrogate has no UTF-8 form; JSON writes it as an escape.
  return hash('sha256', JSON.stringify(turns)).slice(0, 32);
}
