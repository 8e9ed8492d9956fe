export { answerCalls, lowestOf, readScores, type Scores } from '../score-texts.ts';
export { type AnswerScale, ratingScale } from './answer-scale.ts';
export { askInBothOrders } from './ask-about-pairs.ts';
export { checkJudge, describePassport, type JudgeCheck, judgePrompt } from './check-judge.ts';
export type { LabelledAnswer, LabelledPair, Preference } from './labels.ts';
export {
  type RatedDialogue,
  type RatingPrompts,
  RatingTemplate,
  ratingCall,
  ratingPrompts,
  ratingPromptsHash,
  readRating,
} from './rating-prompts.ts';
export { type Labels, readLabels } from './read-labels.ts';
export { sampleLabels } from './sample-labels.ts';
