import { findPii } from './find-pii.ts';
import type { Pii, PiiKind } from './pii.ts';

/** A place that was redacted, described without its value. */
export interface Redaction {
  readonly kind: PiiKind;
  /** The form of the value: each digit is 0, each letter x. It tells a phone number from a decimal. */
  readonly form: string;
  /** The redacted text around it; empty if one redaction exposed another. */
  readonly context: string;
}

/** A text without personal data. */
interface Redacted {
  /** The text with finds replaced by `[EMAIL]`, `[PHONE]` and so on. */
  readonly text: string;
  /** One entry a place. */
  readonly redactions: readonly Redaction[];
}

/**
 * Most rounds of redaction (chosen). A redaction may expose another match: no row of the real sets needs a second round, random mixtures
 * of all kinds at most four (measured). A text that needs more was made to cost time.
 */
const MAX_ROUNDS = 16;
/** Characters of a form, and of the context on either side (chosen). */
const LONGEST_FORM = 32;
const AROUND = 30;

/** Redacts until nothing is found, so redacting again changes nothing. After too many rounds the whole text is replaced. */
export function redact(text: string): Redacted {
  const finds: { kind: PiiKind; form: string; place: number }[] = [];
  let clean = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = findPii(clean);
    if (found.length === 0) return { text: clean, redactions: describe(finds, round === 1 ? clean : null) };
    const { replaced, places } = replace(clean, found);
    for (const [at, { kind, from, to }] of found.entries()) {
      finds.push({ kind, form: formOf(clean.slice(from, to)), place: places[at] as number });
    }
    clean = replaced;
  }
  return { text: placeholder((finds[0] as Pick<Pii, 'kind'>).kind), redactions: describe(finds, null) };
}

const placeholder = (kind: PiiKind): string => `[${kind.toUpperCase()}]`;

/** @param text - The redacted text that the places refer to; null if they are out of date. */
function describe(finds: readonly { kind: PiiKind; form: string; place: number }[], text: string | null): Redaction[] {
  return finds.map(({ kind, form, place }) => {
    const end = place + placeholder(kind).length;
    return { kind, form, context: text === null ? '' : text.slice(Math.max(0, place - AROUND), end + AROUND) };
  });
}

/** Digits and letters masked, signs kept. */
function formOf(value: string): string {
  const masked = value
    .slice(0, LONGEST_FORM)
    .replaceAll(/\p{N}/gu, '0')
    .replaceAll(/[\p{L}\p{M}]/gu, 'x');
  return value.length > LONGEST_FORM ? `${masked}…` : masked;
}

/** Replaces the finds. @returns Also the place of each placeholder in the new text. */
function replace(text: string, found: readonly Pii[]): { replaced: string; places: number[] } {
  let replaced = '';
  let at = 0;
  const places: number[] = [];
  for (const { kind, from, to } of found) {
    replaced += text.slice(at, from);
    places.push(replaced.length);
    replaced += placeholder(kind);
    at = to;
  }
  return { replaced: replaced + text.slice(at), places };
}
