export { createLedger } from './ledger.ts';
export { openRecords, recordsPath, recordsUnreadable } from './open-records.ts';
export { readSpendOf, type Spend } from './spend.ts';
