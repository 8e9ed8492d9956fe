export { findPii } from './find-pii.ts';
export type { PiiKind } from './pii.ts';
export { redact } from './redact.ts';
