export { sampleRow } from './sample-row.ts';
