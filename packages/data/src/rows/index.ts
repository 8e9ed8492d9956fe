export { CuratedRow } from './curated-row.ts';
export { hashText } from './hash-text.ts';
export { hashContent, makeRow } from './make-row.ts';
export { NameTable } from './name-table.ts';
export { SeenHashes } from './seen-hashes.ts';
export { toRow } from './to-row.ts';
export { widened } from './widened.ts';
