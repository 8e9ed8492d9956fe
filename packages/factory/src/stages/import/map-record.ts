import { Message, Row } from '@cogumi/contracts';
import { z } from 'zod';
import { makeRow } from '../../rows/make-row.ts';
import type { ImportSource } from './options.ts';

const Alpaca = z.object({ instruction: z.string(), input: z.string().nullish(), output: z.string() });
const Chat = z.object({ messages: z.array(Message).min(2) });

/** A record of a known shape as a row, or why it cannot be one. */
export function mapRecord(record: unknown, source: ImportSource, id: string): Row | string {
  if (record === undefined) return 'is not JSON';
  const row = toRow(record, source, id);
  if (typeof row === 'string') return row;
  if (row.question.trim() === '') return 'has no question';
  if (row.answer.trim() === '') return 'has no answer';
  const length = row.question.length + row.answer.length;
  if (length > source.maxCharacters) return `has ${length} characters, more than ${source.maxCharacters}`;
  return row;
}

function toRow(record: unknown, { format, path, licence, domain }: ImportSource, id: string): Row | string {
  const make = (question: string, answer: string, history: Message[] = []) =>
    makeRow({ question_id: id, domain, history, question, answer, source: path, licence });
  if (format === 'auto' || format === 'alpaca') {
    const alpaca = Alpaca.safeParse(record);
    if (alpaca.success) {
      const { instruction, input, output } = alpaca.data;
      return make(input ? `${instruction}\n${input}` : instruction, output);
    }
  }
  if (format === 'auto' || format === 'messages') {
    const chat = Chat.safeParse(record);
    if (chat.success) {
      const { messages } = chat.data;
      const [question, answer] = messages.slice(-2);
      if (question?.role !== 'user' || answer?.role !== 'assistant')
        return 'does not end with a question and its answer';
      return make(question.content, answer.content, messages.slice(0, -2));
    }
  }
  if (format === 'auto' || format === 'row') {
    const row = Row.omit({ hash: true, terms: true }).strip().safeParse(record);
    // Its place in the file names it, as any row's: ids of other runs would collide with those of this one.
    if (row.success) return makeRow({ ...row.data, question_id: id });
  }
  return `is not of the form ${format === 'auto' ? 'alpaca, messages or row' : format}`;
}
