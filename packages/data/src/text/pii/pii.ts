/** Kinds of personal data and secrets that are searched. */
const PII_KINDS = ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'secret'] as const;
export type PiiKind = (typeof PII_KINDS)[number];

/** Position in a text: `text.slice(from, to)`. */
export interface Pii {
  readonly kind: PiiKind;
  readonly from: number;
  readonly to: number;
}
