/**
 * What NFKC leaves or spoils, in one pass, by group:
 *
 * 1. Characters that show nothing (Default_Ignorable_Code_Point, and other format characters): zero-width spaces and joiners, soft
 *    hyphens, bidirectional controls, variation selectors, tags, the combining grapheme joiner. A test compares with Unicode's list.
 * 2. Superscripts: NFKC would make 102 of 10².
 * 3. Fractions behind a digit: it would make 11/2 of 1½.
 * 4. and 5. Quotation marks, apostrophes, primes, and accents typed as apostrophes. 6. Dashes and minus signs.
 */
const SPECIAL = new RegExp(
  [
    '([\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f' +
      '\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb]' +
      '|\\ud804[\\udcbd\\udccd]|\\ud80d[\\udc30-\\udc3f]|\\ud82f[\\udca0-\\udca3]|\\ud834[\\udd73-\\udd7a]|[\\udb40-\\udb43][\\udc00-\\udfff])',
    '([²³¹⁰ⁱ⁴-ⁿ]+)',
    '(?<=\\d)([¼-¾⅐-⅞])',
    '([‘’‚‛‹›′`´ʻʼˈ])',
    '([“”„‟«»″〝〞〟「」『』])',
    '([‐-―−﹘])',
  ].join('|'),
  'g',
);
/** NFKC makes dashes of other characters, */
const DASHES = /[‐-―−]/g;
/** and takes the Thai and Lao vowel AM apart; no dictionary has its parts. */
const THAI_AM = /\u0e4d\u0e32/g;
const LAO_AM = /\u0ecd\u0eb2/g;

/**
 * The one form of all characters that read the same. The order is part of the result:
 *
 * 1. invisible characters go;
 * 2. superscripts become `^` and digits, so that x² is x^2 and 10² is not 102; 1½ becomes 1 1/2;
 * 3. quotation marks and dashes of any style become `'`, `"` and `-`;
 * 4. NFKC (Unicode Standard Annex 15): full-width and mathematical letters, ligatures, accents in parts;
 * 5. lower case.
 *
 * Every stage that compares texts compares this form: exact and near duplicates, contamination, held-out questions and answers.
 * Letters of different scripts that only look alike (Cyrillic а, Latin a) stay different, and control characters stay. Linear.
 */
export function normaliseCharacters(text: string): string {
  const quick = normaliseCommon(text);
  if (quick !== null) return quick;
  return text
    .replace(SPECIAL, replaceSpecial)
    .normalize('NFKC')
    .replaceAll('\u2044', '/')
    .replace(DASHES, '-')
    .replace(THAI_AM, '\u0e33')
    .replace(LAO_AM, '\u0eb3')
    .toLowerCase();
}

function replaceSpecial(
  found: string,
  invisible?: string,
  superscript?: string,
  fraction?: string,
  single?: string,
  double?: string,
): string {
  if (single !== undefined) return "'";
  if (double !== undefined) return '"';
  if (invisible !== undefined) return '';
  if (superscript !== undefined) return `^${found}`;
  return fraction === undefined ? '-' : ` ${found}`;
}

/** Code units below this have an entry in `COMMON`: letters, quotation marks, arrows and mathematics. */
const COMMON_END = 0x2c00;
const KEPT = 0;
const RARE = 1;
let common: Uint8Array | null = null;

/**
 * The same for a text of common characters, in a third of the time: one that needs nothing but quotation marks, dashes and lower case.
 * Nearly all texts are of this kind.
 *
 * @returns null if the text has another character.
 */
function normaliseCommon(text: string): string | null {
  common ??= commonCharacters();
  let done = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const action = code < COMMON_END ? (common[code] as number) : isIdeograph(code) ? KEPT : RARE;
    if (action === KEPT) continue;
    if (action === RARE) return null;
    done += text.slice(from, at) + String.fromCharCode(action);
    from = at + 1;
  }
  return (from === 0 ? text : done + text.slice(from)).toLowerCase();
}

/** For each code unit: kept, rare, or the ASCII sign that replaces it. */
function commonCharacters(): Uint8Array {
  return Uint8Array.from({ length: COMMON_END }, (_, code) => {
    const character = String.fromCharCode(code);
    const special = character.replace(SPECIAL, replaceSpecial);
    if (special !== character) return /^['"-]$/.test(special) ? special.charCodeAt(0) : RARE;
    // A mark may combine with the letter before it, and so may the vowels of Hangul; fractions have a step of their own.
    const combines = /[\p{M}\u1100-\u11ff\u00bc-\u00be\u2044\u2150-\u215e]/u.test(character);
    return combines || character.normalize('NFKC') !== character || character.toLowerCase().length > 1 ? RARE : KEPT;
  });
}

/** Han ideographs and Hangul syllables, without compatibility forms. */
const isIdeograph = (code: number): boolean => (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4);

/** Normalises characters and spacing, so that texts that read the same compare as equal. */
export function normaliseText(text: string): string {
  return normaliseCharacters(text).replace(/\s+/g, ' ').trim();
}
