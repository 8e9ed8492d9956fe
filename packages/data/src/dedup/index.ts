export { DuplicateFinder } from './duplicate-finder.ts';
export { countStatus, type Duplicates, EXACT, KEPT, NEAR } from './duplicates.ts';
export { findDuplicates } from './find-duplicates.ts';
export { createNearIndex, type NearIndex } from './near-index.ts';
