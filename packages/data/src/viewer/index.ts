export { describeRow, type RowDescription } from './describe-row.ts';
export type { SetPlace } from './open-sets.ts';
export { createPreview, type Preview } from './preview.ts';
export { startViewer, type Viewer, type ViewerOptions } from './start-viewer.ts';
