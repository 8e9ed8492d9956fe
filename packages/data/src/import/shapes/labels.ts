import type { BuiltInDomain, Difficulty } from '@cogumi/contracts';

/** Labels of datasets that mean the same as one of our domains. Other labels are ignored. */
const DOMAIN_LABELS: Readonly<Record<string, BuiltInDomain>> = {
  // Dolly's `category`
  closed_qa: 'reading',
  information_extraction: 'reading',
  summarization: 'summarization',
  classification: 'instruction_following',
  brainstorming: 'instruction_following',
  creative_writing: 'instruction_following',
  // Magpie's `task_category`
  'coding & debugging': 'coding',
  math: 'math',
  reasoning: 'reasoning',
  'creative writing': 'instruction_following',
  editing: 'instruction_following',
  'role playing': 'instruction_following',
  planning: 'instruction_following',
};

/** Labels of datasets by difficulty; `medium` is left out because it is neither. */
const DIFFICULTY_LABELS: Readonly<Record<string, Difficulty>> = {
  'very easy': 'easy',
  easy: 'easy',
  hard: 'hard',
  'very hard': 'hard',
};

/** Domain and difficulty from a row's own labels; absent if they name none, so that the source's values apply. */
export function fromLabels(domain: unknown, difficulty?: unknown): { domain?: BuiltInDomain; difficulty?: Difficulty } {
  const found = { domain: lookUp(DOMAIN_LABELS, domain), difficulty: lookUp(DIFFICULTY_LABELS, difficulty) };
  return { ...(found.domain && { domain: found.domain }), ...(found.difficulty && { difficulty: found.difficulty }) };
}

function lookUp<T>(labels: Readonly<Record<string, T>>, label: unknown): T | undefined {
  const name = typeof label === 'string' ? label.trim().toLowerCase() : '';
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
