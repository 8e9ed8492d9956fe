import { chatOf, type Row, type Turn } from '@cogumi/contracts';

/** Forms in which trainers read rows; `rows` is Cogumi's own, with all fields. */
export const FORMS = ['rows', 'messages', 'prompt-completion', 'alpaca', 'sharegpt'] as const;
export type Form = (typeof FORMS)[number];

/** A row in a form, or why the form cannot hold it, as the end of a sentence. */
export type Formed = { readonly record: object } | { readonly reason: string };

const SPEAKERS: Readonly<Record<Turn['role'], string>> = {
  system: 'system',
  user: 'human',
  assistant: 'gpt',
  tool: 'observation',
};

/**
 * Writes a row in the form that a trainer reads.
 *
 * - `messages`: TRL and axolotl (`chat_template`), OpenAI. A turn that is not to be learned has `weight: 0`, as OpenAI and axolotl read it.
 * - `prompt-completion`: TRL. Only the answer is learned.
 * - `alpaca`: LLaMA-Factory and axolotl; `system` and `history` only where a row has them.
 * - `sharegpt`: LLaMA-Factory and axolotl; each answer is learned.
 */
export function formRow(row: Row, form: Form): Formed {
  switch (form) {
    case 'rows':
      return { record: row };
    case 'messages':
      return { record: { messages: messagesOf(row) } };
    case 'prompt-completion': {
      const messages = chatOf(row);
      return { record: { prompt: messages.slice(0, -1), completion: messages.slice(-1) } };
    }
    case 'sharegpt': {
      if (hasUnlearned(row)) return cannotMark('ShareGPT');
      const conversations = chatOf(row).map(({ role, content }) => ({ from: SPEAKERS[role], value: content }));
      return { record: { conversations } };
    }
    case 'alpaca':
      return alpacaOf(row);
  }
}

function messagesOf(row: Row): object[] {
  const earlier = [...row.history, { role: 'user' as const, content: row.question }, ...(row.steps ?? [])];
  const messages = earlier.map(({ role, content, ...turn }: Turn) => ({
    role,
    content,
    ...(role === 'assistant' && turn.train === false && { weight: 0 }),
  }));
  return [...messages, { role: 'assistant', content: row.answer }];
}

function alpacaOf(row: Row): Formed {
  if (hasUnlearned(row)) return cannotMark('Alpaca');
  const system = row.history[0]?.role === 'system' ? row.history[0].content : '';
  const turns = row.history.slice(system === '' ? 0 : 1);
  const inPairs =
    turns.every(({ role }, at) => role === (at % 2 === 0 ? 'user' : 'assistant')) && turns.length % 2 === 0;
  if (!inPairs || (row.steps ?? []).length > 0) {
    return { reason: 'has turns that are no pairs of question and answer, which Alpaca cannot hold' };
  }
  const history = turns.flatMap(({ content }, at) => (at % 2 === 0 ? [[content, turns[at + 1]?.content ?? '']] : []));
  return {
    record: {
      instruction: row.question,
      input: '',
      output: row.answer,
      ...(system !== '' && { system }),
      ...(history.length > 0 && { history }),
    },
  };
}

function hasUnlearned({ history, steps = [] }: Row): boolean {
  return [...history, ...steps].some(({ role, train }) => role === 'assistant' && train === false);
}

function cannotMark(form: string): Formed {
  return { reason: `has an answer that is not to be learned, which ${form} cannot mark` };
}
