export { FAMILIES } from './families.ts';
export type { Family } from './family.ts';
export { teachersFingerprint } from './fingerprint.ts';
export { makeQuestions } from './make-questions.ts';
export { isTestFact } from './split.ts';
