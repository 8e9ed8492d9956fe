/**
 * A table in Markdown whose columns also stand below each other in a terminal.
 *
 * @param rows - Of one length, at least 1; the first are the heads.
 * @param isText - Whether a column stands at the left; numbers stand at the right.
 */
export function markdownTable(
  rows: readonly (readonly string[])[],
  isText: (column: number) => boolean = () => false,
): string[] {
  const [heads = [], ...body] = rows;
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell[isText(column) ? 'padEnd' : 'padStart'](widths[column] as number)).join(' | ')} |`;
  const rule = widths.map((width, column) => (isText(column) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`));
  return [line(heads), `|${rule.join('|')}|`, ...body.map(line)];
}
