import type { Message } from '@cogumi/contracts';

/** Names of speakers by what they are in a chat of ours: what a source's `roles` adds to the names that are known anyway. */
export type Roles = Readonly<Record<string, Message['role']>>;

/** Speaker names used by datasets, in lower case with `_`. Names that mean different things in different sets are left out. */
const KNOWN: Roles = {
  system: 'system',
  developer: 'system',
  human: 'user',
  user: 'user',
  prompter: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  model: 'assistant',
  ai: 'assistant',
  function_call: 'assistant',
  tool: 'tool',
  observation: 'tool',
  function: 'tool',
  function_response: 'tool',
};

/** The role of a speaker, whatever its case; undefined if the name is not known. */
export function roleOf(speaker: string, roles: Roles): Message['role'] | undefined {
  const name = nameOf(speaker);
  const own = Object.keys(roles).find((given) => nameOf(given) === name);
  if (own !== undefined) return roles[own];
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
}

function nameOf(speaker: string): string {
  return speaker
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}
