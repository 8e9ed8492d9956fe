export { DuplicateFinder } from './duplicate-finder.ts';
export { countFate, type Duplicates, EXACT, NEAR, STAYS } from './duplicates.ts';
