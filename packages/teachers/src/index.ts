export { type Answered, addTiers, climbTiers, commonestReason, type SetAside, type TierShare } from './cascade.ts';
export { type Check, createCheck } from './check-answers.ts';
export { countByDifficulty, countQuestions } from './count-questions.ts';
export { type Ask, expectAnswers, expectQuestions, expectScores, expectShares } from './expect-asks.ts';
export { type OpenTeacherPool, openTeacherPool } from './open-teacher-pool.ts';
export { TeachersOptions } from './options.ts';
export { refuseUnknownPrice } from './refuse-unknown-price.ts';
export type { TeacherPool } from './teacher-pool.ts';
export { writeQuestions } from './write-questions.ts';
