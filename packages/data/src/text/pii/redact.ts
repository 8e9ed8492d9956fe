import { findPii } from './find-pii.ts';
import type { Pii, PiiKind } from './pii.ts';

/** A text without personal data. */
interface Redacted {
  /** The text with finds replaced by `[EMAIL]`, `[PHONE]` and so on. */
  readonly text: string;
  /** Kinds of the finds, one entry a place. */
  readonly kinds: readonly PiiKind[];
}

/**
 * Most rounds of redaction (chosen). A redaction may expose another match: no row of the real sets needs a second round, random mixtures
 * of all kinds at most four (measured). A text that needs more was made to cost time.
 */
const MAX_ROUNDS = 16;

/** Redacts until nothing is found, so redacting again changes nothing. After too many rounds the whole text is replaced. */
export function redact(text: string): Redacted {
  const kinds: PiiKind[] = [];
  let clean = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = findPii(clean);
    if (found.length === 0) return { text: clean, kinds };
    for (const { kind } of found) kinds.push(kind);
    clean = replace(clean, found);
  }
  return { text: `[${(kinds[0] as PiiKind).toUpperCase()}]`, kinds };
}

function replace(text: string, found: readonly Pii[]): string {
  let clean = '';
  let at = 0;
  for (const { kind, from, to } of found) {
    clean += `${text.slice(at, from)}[${kind.toUpperCase()}]`;
    at = to;
  }
  return clean + text.slice(at);
}
