import type { Texts } from './find-duplicates.ts';

/** Texts as UTF-8, end to end. A lone surrogate becomes U+FFFD, as everywhere in UTF-8. */
export function packTexts(texts: readonly string[]): Texts {
  const encoder = new TextEncoder();
  const offsets = new Float64Array(texts.length + 1);
  // Three bytes a UTF-16 unit are the most there can be.
  let bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0) + 1024);
  let at = 0;
  for (const [number, text] of texts.entries()) {
    if (at + text.length * 3 > bytes.length) {
      const larger = new Uint8Array(Math.max(bytes.length * 2, at + text.length * 3));
      larger.set(bytes.subarray(0, at));
      bytes = larger;
    }
    at += encoder.encodeInto(text, bytes.subarray(at)).written;
    offsets[number + 1] = at;
  }
  return { bytes: bytes.subarray(0, at), offsets };
}
