import { describe, expect, it } from 'vitest';
import { licenceOfCard, licenceOfGguf, settleLicence } from './licence.ts';

describe('licenceOfCard', () => {
  it.each([
    ['---\nlicense: apache-2.0\ntags: [a]\n---\n# Model', 'Apache-2.0'],
    ['---\r\nlicense: mit\r\n---\r\n', 'MIT'],
    ['---\nlicense: llama3.2\n---\n', 'llama3.2'],
    ['---\nlicense: other\nlicense_name: qwen-research\nlicense_link: LICENSE\n---\n', 'qwen-research'],
    ['---\nlicense: other\n---\n', 'other'],
    ['---\nlicense:\n- apache-2.0\n- cc-by-4.0\n---\n', 'Apache-2.0 AND CC-BY-4.0'],
    ['---\nlanguage: en\n---\nlicense: mit\n', null],
    ['# Model\nlicense: mit\n', null],
    ['---\nlicense: {a: b}\n---\n', null],
    ['---\nlicense: [unclosed\n---\n', null],
    ['---\n- license\n---\n', null],
    ['---\nlicense: mit\n', null],
    ['', null],
  ])('reads %j as %s', (card, licence) => expect(licenceOfCard(card)).toBe(licence));

  it('reads no front matter that never ends', () => {
    expect(licenceOfCard(`---\n${'a: b\n'.repeat(1e5)}license: mit\n---\n`)).toBeNull();
  });
});

describe('licenceOfGguf', () => {
  it.each([
    ['apache-2.0', 'Apache-2.0'],
    ['gemma', 'gemma'],
    ['', null],
    [7, null],
    [undefined, null],
  ])('reads %j as %s', (value, licence) => {
    expect(licenceOfGguf(new Map([['general.license', value]]))).toBe(licence);
  });
});

describe('settleLicence', () => {
  it.each([
    ['unknown', null, 'unknown', 0],
    ['unknown', 'MIT', 'MIT', 0],
    ['MIT', null, 'MIT', 0],
    ['apache-2.0', 'Apache-2.0', 'apache-2.0', 0],
    ['MIT', 'llama3.2', 'MIT', 1],
  ])('takes of %s in the recipe and %s in the model: %s', (stated, found, licence, warnings) => {
    const told: string[] = [];
    const warn = (message: string) => void told.push(message);
    expect(settleLicence(stated, found, { where: 'README.md', warn })).toBe(licence);
    expect(told).toHaveLength(warnings);
    for (const message of told) expect(message).toContain('`base.licence` is MIT, and README.md names llama3.2');
  });
});
