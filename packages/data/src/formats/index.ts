export { type ByteSource, openFile } from './byte-source.ts';
export { type JsonlWriter, readAllJsonl, readJsonl, withWriters, writeJsonl } from './jsonl.ts';
export { readAllRecords } from './read-all-records.ts';
export { readRecords } from './read-records.ts';
