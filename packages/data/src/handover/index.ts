export { dataCard } from './data-card.ts';
export { type DataFacts, readDataFacts } from './data-facts.ts';
export { datasetInfo } from './dataset-info.ts';
export { FORMS, type Form } from './record-forms.ts';
export { writeRejected } from './rejected-rows.ts';
export { type Handover, namesOf, type Written, type WrittenFile, writeTrainingFiles } from './write-training-files.ts';
