export { teachersFingerprint } from './fingerprint.ts';
export { makeQuestions, redraw } from './make-questions.ts';
export { type MakeMessages, makeFollowUps, makeGeneralPrompts, makeOpenings } from './messages/index.ts';
export { isTestFact } from './split.ts';
export type { Task } from './task.ts';
export { TASKS } from './tasks.ts';
