export { answerCalls, lowestOf, readScores, type Scores } from '../score-texts.ts';
export { askInBothOrders } from './ask-about-pairs.ts';
export { checkJudge, describePassport, type JudgeCheck, judgePrompt } from './check-judge.ts';
export type { LabelledAnswer, LabelledPair, Preference } from './labels.ts';
export { type Labels, readLabels } from './read-labels.ts';
export { sampleLabels } from './sample-labels.ts';
