/** What two texts have in common when a reader would call them the same: case, spacing and width of letters apart. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
