import { entropy } from '../entropy.ts';
import { findKeyBlocks } from './find-key-blocks.ts';
import type { Pii } from './pii.ts';

/** Key formats with an issuer's prefix, each after a character that cannot be part of a key. */
const KNOWN = new RegExp(
  `(?<![\\w-])(?:${[
    'sk-[A-Za-z0-9_-]{20,200}', // OpenAI, Anthropic and compatible providers
    '[rs]k_live_[A-Za-z0-9]{16,100}', // Stripe
    'gh[pousr]_[A-Za-z0-9]{30,100}', // GitHub
    'github_pat_[A-Za-z0-9_]{40,100}',
    'glpat-[A-Za-z0-9_-]{20,40}', // GitLab
    '(?:AKIA|ASIA)[A-Z0-9]{16}', // AWS
    'hf_[A-Za-z0-9]{30,40}', // Hugging Face
    'xox[abeoprs]-[A-Za-z0-9-]{10,200}', // Slack
    'AIza[A-Za-z0-9_-]{35}', // Google
    'npm_[A-Za-z0-9]{36}',
    'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}', // SendGrid
    'eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8,1000}', // JSON web tokens (RFC 7519)
  ].join('|')})(?![\\w-])`,
  'g',
);
/** Names that mark the value after them as a secret. */
const NAMED =
  /(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?(?:key|token)|auth[_-]?token|private[_-]?key|bearer|passw(?:or)?d|token)["']?\s{0,2}[:= ]\s{0,2}["']?/gi;
const VALUE = /[A-Za-z0-9_+/=.-]*/y;
const MIN_VALUE = 20;
/** Characters of a value that are examined: more would not change the result (chosen). */
const JUDGED = 200;

/** Bits a character: placeholders ("xxxxxxxx", "your-api-key-here") have fewer (measured: below 3.4). */
const KNOWN_BITS = 3;
const NAMED_BITS = 3.6;
/** Words joined by separators, perhaps with a number at the end: a variable name, not a value. */
const NAME = /^[A-Za-z]+(?:[_.-][A-Za-z]+)*[_.-]?\d{0,4}$/;
const PLACEHOLDER = /example|your|placeholder|xxxx|test_?key|redacted|12345678|abcdefgh/i;

/** Finds keys and tokens: by an issuer's prefix, or random values with a name such as `token`; and blocks of private keys. */
export function findSecrets(text: string): Pii[] {
  const found: Pii[] = [];
  for (const match of text.matchAll(KNOWN)) {
    if (PLACEHOLDER.test(match[0]) || entropy(match[0]) < KNOWN_BITS) continue;
    found.push({ kind: 'secret', from: match.index, to: match.index + match[0].length });
  }
  return [findKeyBlocks(text), found, findNamed(text)].flat();
}

/** Linear: no value is read twice, even if a value contains names. */
function findNamed(text: string): Pii[] {
  const found: Pii[] = [];
  let to = 0;
  NAMED.lastIndex = 0;
  while (NAMED.test(text)) {
    const from = NAMED.lastIndex;
    if (from >= to) {
      VALUE.lastIndex = from;
      VALUE.test(text);
      to = VALUE.lastIndex;
    }
    if (to - from < MIN_VALUE || !isRandom(text.slice(from, Math.min(to, from + JUDGED)))) continue;
    found.push({ kind: 'secret', from, to });
    NAMED.lastIndex = to;
  }
  return found;
}

function isRandom(value: string): boolean {
  if (PLACEHOLDER.test(value) || NAME.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return entropy(value) >= NAMED_BITS;
}
