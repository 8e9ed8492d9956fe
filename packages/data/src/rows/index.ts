export { CuratedRow } from './curated-row.ts';
export { enlarge } from './enlarge.ts';
export { hashText } from './hash-text.ts';
export { hashContent, makeRow } from './make-row.ts';
export { SeenHashes } from './seen-hashes.ts';
export { StringInterner } from './string-interner.ts';
export { exampleRow, toRow } from './to-row.ts';
