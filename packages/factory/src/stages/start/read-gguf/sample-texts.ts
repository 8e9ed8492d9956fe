import type { Random } from '@cogumi/pure';

/** Pieces that tokenizers cut in ways of their own: scripts, digits, contractions, signs, code, spaces, line ends, emoji. */
const PIECES: readonly string[] = [
  ...['The capital of France is Paris.', "it's", "WE'LL", 'don’t', 'naïve', 'Ångström', 'straße', 'ﬁnd', 'İstanbul'],
  ...[
    '你好，世界',
    '東京タワー',
    '한국어 문장',
    'Привет, мир',
    'مرحبا بالعالم',
    'שלום',
    'नमस्ते दुनिया',
    'ฉันชอบข้าว',
    'Ελληνικά',
    'ქართული',
  ],
  ...['0', '7', '42', '123', '2024', '1234567', '3.14159', '-1e-6', '1,000,000', '½', '²', '٣٤', '１２'],
  ...[
    'def f(x):',
    'return x**2',
    '!= ===',
    '->',
    '{"a": [1, null]}',
    '<div class="b">',
    '// --',
    '$HOME',
    '@user',
    '#tag',
    'a_b',
    'camelCase',
  ],
  ...[' ', '  ', '    ', '\t', '\n', '\n\n', '\r\n', ' \n ', '\u00a0', '\u3000'],
  ...['.', ',', '...', '…', '!?', '“', '”', '—', '(', ')', '&', '%', '\\', '`', '```', "''", '€', '∑', '≤'],
  ...['🙂', '👩‍👩‍👧', '🇫🇷', '❤️', 'é', 'ñ', '\u0e33'],
];

/** `count` texts put together at random from pieces; equal random numbers give equal texts. */
export function sampleTexts(random: Random, count: number): string[] {
  const piece = () => (random.chance(1 / 3) ? ' ' : '') + random.pick(PIECES);
  return Array.from({ length: count }, () => Array.from({ length: random.integer(1, 24) }, piece).join(''));
}
