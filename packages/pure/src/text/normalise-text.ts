/** Normalises case, spacing and Unicode compatibility forms, so that texts that read the same compare as equal. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
