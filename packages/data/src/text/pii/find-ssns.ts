import type { Pii } from './pii.ts';

/** Never issued: areas 000, 666 and 900 or more, group 00, serial 0000 (Social Security Administration). */
const SSN = /(?<![\w.+-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|\.\d)/g;
/** Numbers on specimen cards and in forms. */
const EXAMPLES = new Set(['123-45-6789', '078-05-1120', '219-09-9999', '111-11-1111', '222-22-2222', '333-33-3333']);

/** Finds US social security numbers in their printed format, 3-2-4. */
export function findSsns(text: string): Pii[] {
  return [...text.matchAll(SSN)]
    .filter(([number]) => !EXAMPLES.has(number))
    .map((match) => ({ kind: 'ssn', from: match.index, to: match.index + match[0].length }));
}
