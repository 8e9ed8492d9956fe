export { findPii } from './find-pii.ts';
export type { PiiKind } from './pii.ts';
export { type Redaction, redact } from './redact.ts';
