export { assessRow } from './assess-row.ts';
export { explainRow } from './explain-row.ts';
