const counts = new Uint32Array(0x10000);

/**
 * Shannon entropy of a text's UTF-16 code units.
 *
 * @returns Bits a character, from 0 (empty, or one character repeated) to `log2(length)`.
 * @see Shannon 1948, section 6.
 */
export function entropy(text: string): number {
  if (text.length === 0) return 0;
  const seen: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (counts[code] === 0) seen.push(code);
    counts[code] = (counts[code] as number) + 1;
  }
  // H = log2 n - (sum of c log2 c) / n
  let sum = 0;
  for (const code of seen) {
    const count = counts[code] as number;
    sum += count * Math.log2(count);
    counts[code] = 0;
  }
  return Math.max(0, Math.log2(text.length) - sum / text.length);
}
