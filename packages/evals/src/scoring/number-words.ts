import { PYTHON_SPACE } from './python-text.ts';

const VALUES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
      .split(' ')
      .map((word, value) => [word, value]),
  ),
  ...Object.fromEntries(
    'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, at) => [word, 20 + 10 * at]),
  ),
  ...{ hundred: 100, thousand: 1e3, million: 1e6, billion: 1e9 },
};
const SCALES = ['billion', 'million', 'thousand'] as const;
const SPACES = new RegExp(`[${PYTHON_SPACE}]+`);

/**
 * The number that English words name, as the package word2number of Python (1.1), which lm-eval uses, reads them: up to four words between
 * two scales, other words left out.
 *
 * @param text - In small letters.
 * @returns null where it names none, or a scale occurs twice or after a smaller one.
 */
export function numberOfWords(text: string): number | null {
  let words = text.split(SPACES).filter((word) => Object.hasOwn(VALUES, word));
  const value = (word: string | undefined) => VALUES[word as string] as number;
  if (words.length === 0) return null;
  const places = SCALES.map((scale) => words.indexOf(scale)).filter((place) => place >= 0);
  const twice = SCALES.some((scale) => words.indexOf(scale) !== words.lastIndexOf(scale));
  if (twice || places.some((place, at) => at > 0 && place < (places[at - 1] as number))) return null;
  if (words.length === 1) return value(words[0]);
  let sum = 0;
  for (const scale of SCALES) {
    const place = words.indexOf(scale);
    if (place < 0) continue;
    // A scale without a number before it.
    if (place === 0) return null;
    sum += join(words.slice(0, place).map(value)) * value(scale);
    words = words.slice(place + 1);
  }
  return words.length === 0 ? sum : sum + join(words.map(value));
}

function join(values: readonly number[]): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = values;
  if (values.length === 4) return first * second + third + fourth;
  if (values.length === 3) return first * second + third;
  if (values.length === 2) return values.includes(100) ? first * second : first + second;
  return first;
}
