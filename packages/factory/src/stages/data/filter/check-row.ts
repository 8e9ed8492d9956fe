import type { CuratedRow } from '@cogumi/data/rows';
import { hashContent } from '@cogumi/data/rows';
import { entropy, estimateTokens } from '@cogumi/data/text';
import type { Leak, LeakIndex } from '@cogumi/data/text/contamination';
import type { PiiKind } from '@cogumi/data/text/pii';
import { findPii, redact } from '@cogumi/data/text/pii';
import type { FilterOptions } from './options.ts';

/** Why a row goes. */
const REASONS = ['leak', 'tokens', 'entropy', 'pii', 'duplicate'] as const;
type Reason = (typeof REASONS)[number];

export interface Checked {
  /** As it is to be written; where personal data was redacted, with a new hash. */
  readonly row: CuratedRow;
  /** Why it goes, in a word and in a sentence; null: it stays. */
  readonly removal: { readonly reason: Reason; readonly detail: string } | null;
  readonly leak: Leak | null;
  /** What was found, one entry a place. */
  readonly pii: readonly PiiKind[];
  readonly tokens: number;
}

/** Characters below which entropy says nothing about an answer. */
const LEAST_CHARACTERS = 50;
/** Languages whose scripts have thousands of signs: up to 10 bits a character. */
const LARGE_SCRIPTS = new Set(['zh', 'ja', 'ko']);

/** Looks at one row with every check. Pure. */
export function checkRow(row: CuratedRow, index: LeakIndex | null, options: FilterOptions): Checked {
  const texts = textsOf(row);
  const leak = index?.findLeak(texts.join('\n')) ?? null;
  const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const { row: clean, pii } = options.pii === 'off' ? { row, pii: [] } : withoutPii(row);
  const removal = leakRemoval(leak, options) ?? lengthRemoval(tokens, options) ?? entropyRemoval(row, options);
  return { row: clean, removal: removal ?? piiRemoval(pii, options), leak, pii, tokens };
}

/** What a model would read of a row. */
export function textsOf({ history, question, answer }: CuratedRow): string[] {
  return [...history.map(({ content }) => content), question, answer];
}

/** How many places of personal data a row holds, the reasoning that is not trained on included. */
export function countPii(row: CuratedRow): number {
  return [...textsOf(row), row.reasoning ?? ''].reduce((sum, text) => sum + findPii(text).length, 0);
}

function withoutPii(row: CuratedRow): { row: CuratedRow; pii: PiiKind[] } {
  const pii: PiiKind[] = [];
  const clean = (text: string) => {
    const redacted = redact(text);
    for (const kind of redacted.kinds) pii.push(kind);
    return redacted.text;
  };
  const texts = {
    history: row.history.map((message) => ({ ...message, content: clean(message.content) })),
    question: clean(row.question),
    answer: clean(row.answer),
    reasoning: row.reasoning === null ? null : clean(row.reasoning),
  };
  return pii.length === 0 ? { row, pii } : { row: { ...row, ...texts, hash: hashContent(texts) }, pii };
}

function leakRemoval(leak: Leak | null, { leakage }: FilterOptions): Checked['removal'] {
  if (leak === null || leakage === 'report') return null;
  const { benchmark, item, overlap } = leak;
  return { reason: 'leak', detail: `${Math.round(overlap * 100)}% of item ${item} of ${benchmark}` };
}

function lengthRemoval(tokens: number, { leastTokens, mostTokens }: FilterOptions): Checked['removal'] {
  if (tokens >= leastTokens && tokens <= mostTokens) return null;
  return { reason: 'tokens', detail: `about ${tokens} tokens, allowed ${leastTokens} to ${mostTokens}` };
}

function entropyRemoval(row: CuratedRow, { leastEntropy, mostEntropy }: FilterOptions): Checked['removal'] {
  if (row.answer.length < LEAST_CHARACTERS) return null;
  const bits = entropy(row.answer);
  const tooMany = bits > mostEntropy && !(row.language !== null && LARGE_SCRIPTS.has(row.language));
  if (bits >= leastEntropy && !tooMany) return null;
  return {
    reason: 'entropy',
    detail: `${bits.toFixed(2)} bits a character, allowed ${leastEntropy} to ${mostEntropy}`,
  };
}

function piiRemoval(pii: readonly PiiKind[], { pii: mode }: FilterOptions): Checked['removal'] {
  if (mode !== 'drop' || pii.length === 0) return null;
  return { reason: 'pii', detail: [...new Set(pii)].join(', ') };
}
