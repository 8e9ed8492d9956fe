/**
 * What pandas writes and reads for a value that is not there (`pandas._libs.parsers.STR_NA_VALUES`, version 2.3; `NaT` and `<NA>` are what
 * `str` makes of them). The empty text is one too.
 */
const MISSING = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'NaT',
  'None',
  'n/a',
  'nan',
  'null',
]);

/** True for a text that stands for no value in a table. Where it is the answer it may be meant (`None` of Python, `null` of JSON). */
export function isMissing(text: string): boolean {
  return MISSING.has(text.trim());
}
