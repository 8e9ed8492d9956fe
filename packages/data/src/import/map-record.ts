import type { Message, Row } from '@cogumi/contracts';
import { isTooDeep, TOO_DEEP } from '@cogumi/pure';
import { LONGEST_RECORD_BYTES } from '../formats/record.ts';
import { makeRow } from '../rows/make-row.ts';
import { recordSize } from './record-size.ts';
import { isFields, type Mapped, type Rejection, type Shape } from './shapes/shape.ts';

/** Values shared by all rows of a source. */
export type SourceFacts = Pick<Row, 'source' | 'licence' | 'terms' | 'domain'> & { readonly maxCharacters: number };

/** Turns a record into a row, with the id it has in its own set, or says why it cannot. */
export function mapRecord(
  record: unknown,
  shape: Shape,
  { maxCharacters, ...known }: SourceFacts,
  questionId: string,
): { readonly row: Row; readonly ownId: string | undefined } | Rejection {
  // Checked first: walking such a value would overflow the stack.
  if (isTooDeep(record)) return { code: 'too-deep', reason: TOO_DEEP };
  // Text formats refuse it while reading. A Parquet record may have any size; its joined text may exceed the longest string.
  const size = recordSize(record);
  if (size > LONGEST_RECORD_BYTES) return tooLong(size, LONGEST_RECORD_BYTES);
  if (!isFields(record) || !shape.fits(record)) {
    return { code: 'other-format', reason: `is not in the format ${shape.name} (${shape.fields})` };
  }
  const mapped = shape.map(record);
  if ('code' in mapped) return mapped;
  const fault = findFault(mapped, maxCharacters);
  if (fault) return fault;
  const { id: ownId, ...own } = mapped;
  // The position in the file becomes the id: ids of different sets could collide.
  return { row: makeRow({ ...known, ...own, question_id: questionId }), ownId };
}

function findFault({ question, answer, history = [] }: Mapped, maxCharacters: number): Rejection | null {
  if (question.trim() === '') return { code: 'no-question', reason: 'has no question' };
  if (answer.trim() === '') return { code: 'no-answer', reason: 'has no answer' };
  const length = question.length + answer.length;
  if (length > maxCharacters) return tooLong(length, maxCharacters);
  return findBrokenText([...history.map(({ content }: Message) => content), question, answer]);
}

function tooLong(characters: number, most: number): Rejection {
  return { code: 'too-long', reason: `has ${characters} characters, more than ${most}` };
}

/** Half a character cannot be tokenized, and NUL ends a text in C. Such rows are rejected rather than changed silently. */
function findBrokenText(texts: readonly string[]): Rejection | null {
  if (texts.some((text) => !text.isWellFormed()))
    return { code: 'not-text', reason: 'contains half a character (a lone surrogate)' };
  return texts.some((text) => text.includes('\0')) ? { code: 'not-text', reason: 'contains a NUL character' } : null;
}
