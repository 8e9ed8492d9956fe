import type { Message, Row } from '@cogumi/contracts';

/** A record that is an object: fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Why a record gives no row. `code` is counted, `reason` is for people. */
export interface Rejection {
  readonly code: (typeof REJECTIONS)[number];
  readonly reason: string;
}

/** `unreadable` and `other-form` mean that the file is not what it is taken for; the others are about its rows. */
const REJECTIONS = [
  'unreadable',
  'other-form',
  'no-question',
  'no-answer',
  'bad-answer',
  'not-text',
  'too-long',
  'too-deep',
  'duplicate-id',
] as const;

/** What a shape reads out of a record; what it does not say is known of the source, or not known. */
export type Mapped = Pick<Row, 'question' | 'answer'> &
  Partial<Omit<Row, 'hash' | 'question_id' | 'history'>> & {
    readonly history?: Message[];
    /** The record's own name in its set. */
    readonly id?: string | undefined;
  };

/** A form that records come in. */
export interface Shape {
  readonly name: string;
  /** Its fields, for people. */
  readonly fields: string;
  /** Whether a record's fields look like it: what decides between shapes, and between row and misfit. */
  fits(record: Fields): boolean;
  /** Of a record that fits. */
  map(record: Fields): Mapped | Rejection;
}

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A field as text: numbers and truth values as they are written, what is absent as nothing. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** An own name of the record, if it is one. Numbers beyond 2^53 are none: as JSON is read, different ones are the same. */
export function idOf(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || Number.isSafeInteger(value) ? String(value) : undefined;
}
