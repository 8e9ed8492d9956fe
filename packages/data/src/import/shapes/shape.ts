import type { Row, Turn } from '@cogumi/contracts';
import { isLongInteger, type LongInteger } from '@cogumi/pure';
import type { Roles } from '../chat/roles.ts';
import { isMissing } from '../missing.ts';

/** A record that is a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Why a record is rejected. `code` is counted, `reason` is for people. */
export interface Rejection {
  readonly code: (typeof REJECTIONS)[number];
  readonly reason: string;
  /** What to set so that such records are read; repeated in the warning of the source. */
  readonly hint?: string;
}

/** `unreadable` and `other-format` mean that the file is not in the expected format; the others concern single rows. */
const REJECTIONS = [
  'unreadable',
  'other-format',
  'no-question',
  'no-answer',
  'bad-answer',
  'not-learnable',
  'bad-weight',
  'bad-call',
  'unlisted-call',
  'bad-tools',
  'unknown-role',
  'media',
  'not-text',
  'not-finite',
  'too-long',
  'too-deep',
  'duplicate-id',
] as const;

/**
 * What a shape reads from a record; missing values come from the source or stay null. Without `reasoning` (null is a value) the
 * reasoning is still in the answers, between marks such as `<think>`.
 */
export type Mapped = Pick<Row, 'question' | 'answer'> &
  Partial<Omit<Row, 'hash' | 'question_id' | 'history'>> & {
    readonly history?: Turn[];
    /** The record's id in its own set. */
    readonly id?: string | undefined;
  };

/** A known format of records. */
export interface Shape {
  readonly name: string;
  /** Its fields, for messages. */
  readonly fields: string;
  /** True if a record has the fields of this shape. */
  fits(record: Fields): boolean;
  /** Reads a record for which `fits` is true. */
  map(record: Fields, roles: Roles): Mapped | Rejection;
}

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !isLongInteger(value);
}

/** True for a value that has a text: the answer to a sum is often a number, to a question of yes or no a boolean. */
export function isText(value: unknown): value is string | number | boolean | LongInteger {
  return typeof value === 'string' || Number.isFinite(value) || typeof value === 'boolean' || isLongInteger(value);
}

/** A field that need not be there, as text: what stands for no value in a table (`nan`, `None`) is empty. */
export function optionalText(value: unknown): string {
  const text = textOf(value);
  return isMissing(text) ? '' : text;
}

/** A field as text: numbers and booleans as JSON writes them, anything else as an empty text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isLongInteger(value)) return value.rawJSON;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The record's own id. Numbers beyond 2^53 that came as such are not used: their writer made different ones equal. */
export function idOf(value: unknown): string | undefined {
  if (isLongInteger(value)) return value.rawJSON;
  return (typeof value === 'string' && value !== '') || Number.isSafeInteger(value) ? String(value) : undefined;
}
