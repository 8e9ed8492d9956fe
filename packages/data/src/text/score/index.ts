export { measureRow } from './measure-row.ts';
export { type ScoreParts, totalScore } from './score-row.ts';
