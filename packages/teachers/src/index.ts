export { type Answered, addTiers, climbTiers, commonestReason, type SetAside, type TierShare } from './cascade.ts';
export { type Check, createCheck } from './check-answers.ts';
export { countByDifficulty, countQuestions } from './count-questions.ts';
export { type Ask, expectAnswers, expectQuestions, expectScores, expectShares } from './expect-asks.ts';
export type { Faculty } from './faculty.ts';
export { type OpenFaculty, openFaculty } from './open-faculty.ts';
export { TeachersOptions } from './options.ts';
export { refuseUnknownPrice } from './refuse-unknown-price.ts';
export { writeQuestions } from './write-questions.ts';
