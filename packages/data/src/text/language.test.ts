import { beforeAll, describe, expect, it } from 'vitest';
import { commonShare, countWords, type Identifier, languageByWords, loadIdentifier } from './language.ts';
import { readWords } from './read-words.ts';

const NEIGHBOURS = {
  de: 'Die Hauptstadt von Frankreich ist Paris. Was kann man dort in einem Sommer alles sehen? Am Abend war ich im Museum.',
  nl: 'We waren daar in de zomer en het was heel mooi. Wat is het beste museum? Ik had over een week geen tijd.',
  no: 'I fjor sommer var vi der i to uker. Han har en bror som bor i Bergen, men for meg er det for langt.',
  fr: 'On y trouve des musées et des parcs. Les enfants me demandent souvent comment on peut y aller en train.',
  es: 'La capital de España es Madrid. Me gusta mucho la ciudad, no hay nada como un paseo por el parque en verano.',
  ja: 'フランスの首都はパリです。夏は暑いです。',
  ru: 'Столица России — Москва. Летом там тепло, и можно гулять в парке до вечера.',
};

describe('languageByWords', () => {
  const byWords = (text: string) => languageByWords(countWords(readWords(text)));

  it('knows English prose by its words', () => {
    expect(byWords('The three primary colors are red, blue, and yellow.')).toBe('en');
  });

  it('cannot tell the language of formulas, names and numbers', () => {
    for (const text of [
      'Paris.',
      '42',
      '',
      '\\frac{a}{b} + \\sqrt{x^2 + y^2} = z',
      'for (i = 0; i < n; i++) { s += a[i]; }',
    ]) {
      expect(byWords(text)).toBe(null);
    }
  });

  it('counts the words beside short numbers', () => {
    expect(byWords('Was ist 3 mal 4 plus 5 mal 6?')).toBe('unsure');
    expect(byWords('There are 3 cats and 4 dogs, 12 birds and 30 fish.')).toBe('en');
    // The numbers are no words, however long.
    expect(byWords('frac 123 sqrt 456 789 1000')).toBe(null);
  });

  it('does not take the neighbours of English for it', () => {
    for (const [language, text] of Object.entries(NEIGHBOURS)) {
      expect([language, byWords(text)]).toEqual([language, 'unsure']);
      expect(commonShare(countWords(readWords(text)))).toBeLessThan(0.35);
    }
  });
});

describe('loadIdentifier', () => {
  let identify: Identifier;
  beforeAll(async () => {
    identify = await loadIdentifier();
  });

  it('distinguishes languages', () => {
    for (const [language, text] of Object.entries(NEIGHBOURS)) expect(identify(text).language).toBe(language);
    expect(identify('Was ist 3 mal 4 plus 5 mal 6?\n12 plus 30 ist 42.').language).toBe('de');
  });

  it('sees English in code that is written in it, and nothing in digits', () => {
    expect(identify('SELECT name FROM users WHERE created > yesterday;').language).toBe('en');
    expect(identify('12 34 56')).toEqual({ language: null, english: 0 });
  });
});
