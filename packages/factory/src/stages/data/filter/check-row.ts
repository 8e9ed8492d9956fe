import { chatOf, type Turn } from '@cogumi/contracts';
import type { CuratedRow } from '@cogumi/data/rows';
import { hashContent } from '@cogumi/data/rows';
import { entropy, estimateTokens } from '@cogumi/data/text';
import type { Contamination, ContaminationIndex } from '@cogumi/data/text/contamination';
import { findPii, type Redaction, redact } from '@cogumi/data/text/pii';
import type { FilterOptions } from './options.ts';

/** Reasons for which a row is rejected. */
const REASONS = ['contamination', 'tokens', 'entropy', 'pii', 'duplicate'] as const;
type Reason = (typeof REASONS)[number];

export interface Checked {
  /** The row to write; if personal data was redacted, with a new hash. */
  readonly row: CuratedRow;
  /** Why the row is rejected: a word and the details; null if it is kept. */
  readonly rejection: { readonly reason: Reason; readonly detail: string } | null;
  readonly contamination: Contamination | null;
  /** Personal data found, one entry a place. */
  readonly pii: readonly Redaction[];
  readonly tokens: number;
}

/** Shorter answers are not judged by entropy: it says nothing about them (chosen). */
const MIN_CHARACTERS = 50;
/** Languages whose scripts have thousands of characters: up to 10 bits a character. */
const LARGE_SCRIPTS = new Set(['zh', 'ja', 'ko']);

/** Runs every check on one row. Pure. */
export function checkRow(row: CuratedRow, index: ContaminationIndex | null, options: FilterOptions): Checked {
  const texts = textsOf(row);
  const contamination = index?.findContamination(texts.join('\n')) ?? null;
  const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const { row: clean, pii } = options.pii === 'off' ? { row, pii: [] } : withoutPii(row);
  const rejection =
    contaminationRejection(contamination, options) ??
    lengthRejection(tokens, options) ??
    entropyRejection(row, options);
  return { row: clean, rejection: rejection ?? piiRejection(pii, options), contamination, pii, tokens };
}

/** The texts of a row that a model is trained on. */
export function textsOf(row: CuratedRow): string[] {
  return chatOf(row).map(({ content }) => content);
}

/** Number of places with personal data in a row, all reasoning included. */
export function countPii(row: CuratedRow): number {
  const reasoning = [...row.history, ...(row.steps ?? [])].flatMap((turn) => turn.reasoning ?? []);
  return [...textsOf(row), ...reasoning, row.reasoning ?? ''].reduce((sum, text) => sum + findPii(text).length, 0);
}

function withoutPii(row: CuratedRow): { row: CuratedRow; pii: Redaction[] } {
  const pii: Redaction[] = [];
  const clean = (text: string) => {
    const redacted = redact(text);
    pii.push(...redacted.redactions);
    return redacted.text;
  };
  const cleanTurn = ({ reasoning, ...turn }: Turn): Turn => ({
    ...turn,
    content: clean(turn.content),
    ...(reasoning !== undefined && { reasoning: clean(reasoning) }),
  });
  const texts = {
    history: row.history.map(cleanTurn),
    question: clean(row.question),
    ...(row.steps && { steps: row.steps.map(cleanTurn) }),
    answer: clean(row.answer),
    reasoning: row.reasoning === null ? null : clean(row.reasoning),
  };
  return pii.length === 0 ? { row, pii } : { row: { ...row, ...texts, hash: hashContent(texts) }, pii };
}

function contaminationRejection(found: Contamination | null, { contamination }: FilterOptions): Checked['rejection'] {
  if (found === null || contamination === 'report') return null;
  const { benchmark, item, overlap } = found;
  return { reason: 'contamination', detail: `${Math.round(overlap * 100)}% of item ${item} of ${benchmark}` };
}

function lengthRejection(tokens: number, { leastTokens, mostTokens }: FilterOptions): Checked['rejection'] {
  if (tokens >= leastTokens && tokens <= mostTokens) return null;
  return { reason: 'tokens', detail: `about ${tokens} tokens, allowed ${leastTokens} to ${mostTokens}` };
}

function entropyRejection(row: CuratedRow, { leastEntropy, mostEntropy }: FilterOptions): Checked['rejection'] {
  if (row.answer.length < MIN_CHARACTERS) return null;
  const bits = entropy(row.answer);
  const tooMany = bits > mostEntropy && !(row.language !== null && LARGE_SCRIPTS.has(row.language));
  if (bits >= leastEntropy && !tooMany) return null;
  return {
    reason: 'entropy',
    detail: `${bits.toFixed(2)} bits a character, allowed ${leastEntropy} to ${mostEntropy}`,
  };
}

function piiRejection(pii: readonly Redaction[], { pii: mode }: FilterOptions): Checked['rejection'] {
  if (mode !== 'drop' || pii.length === 0) return null;
  return { reason: 'pii', detail: [...new Set(pii.map(({ kind }) => kind))].join(', ') };
}
