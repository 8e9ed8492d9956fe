import type { Texts } from './find-duplicates.ts';

/** Texts as UTF-8, end to end. A lone surrogate becomes U+FFFD, as everywhere in UTF-8. */
export function packTexts(texts: readonly string[]): Texts {
  const offsets = new Float64Array(texts.length + 1);
  let bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, text) => sum + text.length, 0) + 1024);
  let at = 0;
  for (const [number, text] of texts.entries()) {
    // Three bytes a UTF-16 unit are the most there can be.
    if (at + text.length * 3 > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(Math.ceil(bytes.length * 1.5), at + text.length * 3));
      larger.set(bytes.subarray(0, at));
      bytes = larger;
    }
    at += bytes.write(text, at, 'utf8');
    offsets[number + 1] = at;
  }
  return { bytes: bytes.subarray(0, at), offsets };
}
