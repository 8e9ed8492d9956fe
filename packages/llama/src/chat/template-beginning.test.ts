import { expect, it } from 'vitest';
import { templateBeginning } from './template-beginning.ts';

/** A token for each word, and for each space in front of one. */
const vocabulary: string[] = [];
const tokenize = (text: string) =>
  text
    .split(/(?<= )|(?=[ <])/)
    .filter((word) => word !== '')
    .map((word) => (vocabulary.includes(word) ? vocabulary.indexOf(word) : vocabulary.push(word) - 1));
const textOf = (chatTemplate: string | null) =>
  templateBeginning({ chatTemplate, bosText: '<s>', eosText: '</s>' }, tokenize)
    .map((token) => vocabulary[token])
    .join('');

it('is what all chats without a system message begin with', () => {
  const turns = '{% for message in messages %}<{{ message.role }}> {{ message.content }}{% endfor %}<assistant>';
  expect(textOf(`{{ bos_token }}<system> Be kind.${turns}`)).toBe('<s><system> Be kind.<user> ');
  expect(textOf(turns)).toBe('<user> ');
});

it('leaves out a token that holds the first character of a message', () => {
  expect(textOf('{{ bos_token }}<user> Q:{{ messages[0].content }}<assistant>')).toBe('<s><user> ');
});

it('is empty where there is no template, where it refuses such a chat, and where nothing is in common', () => {
  expect(textOf(null)).toBe('');
  expect(textOf("{{ raise_exception('system message missing') }}")).toBe('');
  expect(textOf('{{ messages[0].content }}')).toBe('');
});
