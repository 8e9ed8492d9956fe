import { chatOf, type Row, type Turn } from '@cogumi/contracts';
import { isTooDeep, TOO_DEEP } from '@cogumi/pure';
import { LONGEST_RECORD_BYTES } from '../formats/record.ts';
import { makeRow } from '../rows/make-row.ts';
import { mayLearnRecord } from './chat/may-learn.ts';
import { refuseMedia } from './chat/media.ts';
import { joinReasoning, reasoningIn, separateReasoning } from './chat/reasoning.ts';
import type { Roles } from './chat/roles.ts';
import { findMark, findNan, presentFields } from './present-fields.ts';
import { recordSize } from './record-size.ts';
import { shapeOf } from './shapes/chats.ts';
import { type Fields, isFields, type Mapped, type Rejection, type Shape } from './shapes/shape.ts';

/** Values shared by all rows of a source, and how its records are read. */
export type SourceFacts = Pick<Row, 'source' | 'licence' | 'terms' | 'domain'> & {
  readonly maxCharacters: number;
  /** Speaker names besides the known ones; default: none. */
  readonly roles?: Roles;
  /** Which answers of a chat are learned: the last one only, or all that may be; default: all. */
  readonly turns?: 'last' | 'all';
};

/** Turns a record into a row, with the id it has in its own set, or says why it cannot. */
export function mapRecord(
  record: unknown,
  shape: Shape,
  { maxCharacters, roles = {}, turns = 'all', ...known }: SourceFacts,
  questionId: string,
): { readonly row: Row; readonly ownId: string | undefined } | Rejection {
  // Checked first: walking such a value would overflow the stack.
  if (isTooDeep(record)) return { code: 'too-deep', reason: TOO_DEEP };
  // Text formats refuse it while reading. A Parquet record may have any size; its joined text may exceed the longest string.
  const size = recordSize(record);
  if (size > LONGEST_RECORD_BYTES) return tooLong(size, LONGEST_RECORD_BYTES);
  const otherFormat = { code: 'other-format', reason: `is not in the format ${shape.name} (${shape.fields})` } as const;
  if (!isFields(record)) return otherFormat;
  const fields = presentFields(record);
  const own = shapeOf(fields, shape);
  if (!own) return findNan(record, shape.fields) ?? findLack(fields, shape, roles) ?? otherFormat;
  if (!mayLearnRecord(fields)) return { code: 'not-learnable', reason: 'is marked as not to be learned' };
  const mapped = own.map(fields, roles);
  if ('code' in mapped) return findMark(mapped.reason) ?? mapped;
  const whole = withReasoning(mapped, fields);
  const fault = findFault(whole, fields, maxCharacters);
  if (fault) return ABSENT.has(fault.code) ? (findNan(record, shape.fields) ?? fault) : fault;
  const { id: ownId, ...read } = turns === 'last' ? lastOnly(whole) : whole;
  // The position in the file becomes the id: ids of different sets could collide.
  return { row: makeRow({ ...known, ...read, question_id: questionId }), ownId };
}

/** Rejections that `NaN` in place of a text may have caused. */
const ABSENT: ReadonlySet<string> = new Set(['no-question', 'no-answer']);

/** Says what a record lacks that has its fields, but null in place of a text: `no-answer` says more than another format. */
function findLack(fields: Fields, shape: Shape, roles: Roles): Rejection | null {
  const whole = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? '']));
  if (!shape.fits(whole)) return null;
  const mapped = shape.map(whole, roles);
  return 'code' in mapped ? mapped : lackOf(mapped);
}

/** Takes the reasoning out of the answers where the shape has not done so, and from the record where the answer has none. */
function withReasoning(mapped: Mapped, record: Fields): Mapped {
  const known = mapped.reasoning;
  if (known !== undefined)
    return known === record.reasoning ? mapped : { ...mapped, reasoning: joinReasoning([reasoningIn(record), known]) };
  const { text, reasoning } = separateReasoning(mapped.answer);
  const history = (mapped.history ?? []).map((turn): Turn => {
    if (turn.role !== 'assistant') return turn;
    const separate = separateReasoning(turn.content);
    const own = joinReasoning([turn.reasoning ?? null, separate.reasoning]);
    return { ...turn, content: separate.text, ...(own !== null && { reasoning: own }) };
  });
  return { ...mapped, history, answer: text, reasoning: joinReasoning([reasoningIn(record), reasoning]) };
}

/** Marks the earlier answers as context. */
function lastOnly({ history = [], steps = [], ...mapped }: Mapped): Mapped {
  const context = (turn: Turn): Turn => (turn.role === 'assistant' ? { ...turn, train: false } : turn);
  return { ...mapped, history: history.map(context), ...(steps.length > 0 && { steps: steps.map(context) }) };
}

function findFault(mapped: Mapped, record: Fields, maxCharacters: number): Rejection | null {
  const { question, answer, reasoning, history = [], steps = [] } = mapped;
  const media = refuseMedia(record, chatOf({ history, question, steps, answer }));
  if (media) return media;
  const lack = lackOf(mapped);
  if (lack) return lack;
  const length = question.length + answer.length;
  if (length > maxCharacters) return tooLong(length, maxCharacters);
  const earlier = [...history, ...steps].flatMap((turn) => [turn.content, turn.reasoning ?? '']);
  const texts = [...earlier, question, answer, reasoning ?? ''];
  return texts.map(findMark).find((mark) => mark !== null) ?? findBrokenText(texts);
}

function lackOf({ question, answer }: Mapped): Rejection | null {
  if (question.trim() === '') return { code: 'no-question', reason: 'has no question' };
  return answer.trim() === '' ? { code: 'no-answer', reason: 'has no answer' } : null;
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
