export { teachersFingerprint } from './fingerprint.ts';
export { type MakeMessages, makeFollowUps, makeOpenings } from './follow-ups.ts';
export { makeQuestions } from './make-questions.ts';
export { isTestFact } from './split.ts';
export type { Task } from './task.ts';
export { TASKS } from './tasks.ts';
