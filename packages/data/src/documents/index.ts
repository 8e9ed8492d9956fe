export { DOCUMENT_ENDINGS, isDocument, readDocument } from './read-document.ts';
export { type Passage, splitPassages } from './split-passages.ts';
