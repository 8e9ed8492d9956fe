import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseCharacters, normaliseText } from './normalise-text.ts';

describe('normaliseCharacters', () => {
  it.each([
    ['zero-width spaces and joiners', 're\u200bma\u200cin\u200dder', 'remainder'],
    ['soft hyphens, word joiners, byte order marks', '\ufeffre\u00admain\u2060der', 'remainder'],
    ['bidirectional controls', '\u202are\u200emain\u2066der\u2069\u202c', 'remainder'],
    ['variation selectors', 'a\ufe0fb\u{e0101}c ❤\ufe0f', 'abc ❤'],
    ['tags and interlinear annotations', 'a\u{e0061}\u{e007f}b\ufff9c', 'abc'],
    ['the combining grapheme joiner', 'cafe\u034f\u0301', 'café'],
    ['Hangul fillers and Mongolian separators', 'a\u3164b\u115fc\u180ed', 'abcd'],
    ['full-width letters', 'Ｆｉｎｄ　ｔｈｅ　４８', 'find the 48'],
    ['mathematical and enclosed letters', '𝐅𝒾𝓃𝕕 Ⓣⓗⓔ', 'find the'],
    ['accents in parts', 'Ma\u0301laga', 'málaga'],
    ['ligatures and Roman numerals', 'ﬁnd Ⅻ', 'find xii'],
    ['half-width kana', 'ｶﾞｲﾄﾞ', 'ガイド'],
    ['quotation marks', '“Wait,” ‘no’ «oui» „nein‟ it’s it´s', '"wait," \'no\' "oui" "nein" it\'s it\'s'],
    ['dashes and minus signs', '5–7 −5 non‑stop — ﹣5', '5-7 -5 non-stop - -5'],
    ['superscripts and fractions', 'x²+10⁻³ 1½ ½', 'x^2+10^-3 1 1/2 1/2'],
    ['spaces of other widths', 'a\u00a0b\u2009c', 'a b c'],
    ['the Thai vowel AM', 'น้ำ', 'น้ำ'],
  ])('gives %s their plain form', (_, written, plain) => {
    expect(normaliseCharacters(written)).toBe(plain);
  });

  it('keeps what reads differently: other numbers, signs, and letters of other scripts that look alike', () => {
    for (const [one, other] of [
      ['10²', '102'],
      ['C++', 'C'],
      ['a != b', 'a == b'],
      ['€5', '$5'],
      ['раypal', 'paypal'],
      ['👍', '👎'],
    ] as const)
      expect(normaliseCharacters(one)).not.toBe(normaliseCharacters(other));
  });

  it('removes every character that Unicode calls ignorable or a format character, between any letters', () => {
    const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Cf}]$/u;
    // In parts, each character between letters.
    for (let first = 0; first <= 0x10ffff; first += 0x1000) {
      let text = 'a';
      for (let code = first; code < first + 0x1000; code++) {
        const character = String.fromCodePoint(code);
        if (invisible.test(character)) text += `${character}b`;
      }
      expect(normaliseCharacters(text)).toMatch(/^ab*$/);
    }
    expect(normaliseCharacters('\ud83d\ude00\u{1f468}\u200d\u{1f469}')).toBe('😀👨👩');
  });

  it('changes nothing when it is repeated, and treats common characters alike with and without rare ones', () => {
    const common = fc.integer({ min: 0, max: 0x2bff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: common }), (text, other) => {
        const once = normaliseCharacters(text);
        expect(normaliseCharacters(once)).toBe(once);
        expect(normaliseCharacters(`${other} Σ.\u200b`)).toBe(normaliseCharacters(`${other} Σ.`));
        for (const one of other) expect(normaliseCharacters(`${one} \u200b`)).toBe(normaliseCharacters(`${one} `));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

describe('normaliseText', () => {
  it('also makes spacing equal', () => {
    expect(normaliseText(' One\n\ttwo\u3000\u200b three ')).toBe('one two three');
  });
});
