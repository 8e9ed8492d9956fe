export {
  type AcceptedAnswer,
  describeShares,
  isProcedural,
  mostCommonReason,
  type RejectedReply,
  runCascade,
  sumTierShares,
  type TierShare,
  warnOfShortfalls,
} from './cascade.ts';
export { type AnswerCheck, createAnswerCheck } from './check-answers.ts';
export { countByDifficulty, countQuestions } from './count-questions.ts';
export { critiqueFailures, type FailedReply, labelFailures } from './critique-failures.ts';
export {
  type ExpectedRequests,
  expectedAnswers,
  expectedCritiques,
  expectedGrounded,
  expectedQuestions,
  expectedScores,
  expectedSharedAnswers,
} from './expected-requests.ts';
export { EXTRACTION_VERSION } from './extraction/extract-answer.ts';
export type { ModelAnswer, ModelJudgement } from './extraction/judge-extracted.ts';
export { type OpenTeacherPool, openTeacherPool } from './open-teacher-pool.ts';
export { TeachersOptions } from './options.ts';
export { refuseUnknownPrice } from './refuse-unknown-price.ts';
export type { TeacherPool } from './teacher-pool.ts';
export { type GroundedExample, writeGrounded } from './write-grounded.ts';
export { writeQuestions } from './write-questions.ts';
export { type ExampleQuestion, isWritten, writeVariants } from './write-variants.ts';
