export type { SetPlace } from './open-sets.ts';
export { createPreview, type Preview } from './preview.ts';
export { type Look, type LookOptions, startLook } from './start-look.ts';
export { type ToldRow, tellRow } from './tell-row.ts';
