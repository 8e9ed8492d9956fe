import { describe, expect, it } from 'vitest';
import { judgeContains } from './contains.ts';
import { judgeExact } from './exact.ts';
import { judgeJsonSchema, schemaProblem } from './json-schema.ts';
import { judgeNumber, lastNumber } from './number.ts';
import { judgeRegex } from './regex.ts';

const HOSTILE = ['', '\0', 'x'.repeat(200_000), '[[[['.repeat(20_000), '\ud800', '"'.repeat(999), '```json\n', '𝟏'];

describe('judgeExact', () => {
  it('takes any accepted text, whatever its case, spacing and closing full stop', () => {
    const check = { accepted: ['Paris', 'the city of Paris'] };
    for (const answer of ['paris', ' Paris. ', 'The  city\nof Paris']) {
      expect(judgeExact(check, answer)).toEqual({ correct: true });
    }
    expect(judgeExact(check, 'Paris, France')).toMatchObject({ correct: false });
  });
});

describe('judgeContains', () => {
  it('finds an accepted text inside a reply', () => {
    expect(judgeContains({ accepted: ['Ctrl+S'] }, 'Press **ctrl+s** to save.')).toEqual({ correct: true });
    expect(judgeContains({ accepted: ['Settings > Sync', 'the Sync tab.'] }, 'Open the SYNC tab now')).toEqual({
      correct: true,
    });
  });

  it('does not take a part of a longer word or number for the text', () => {
    expect(judgeContains({ accepted: ['12'] }, 'It is 112, or 12th')).toMatchObject({ correct: false });
    expect(judgeContains({ accepted: ['12'] }, '112 is more than 12.')).toEqual({ correct: true });
  });

  it('finds nothing where nothing is accepted', () => {
    expect(judgeContains({ accepted: ['.'] }, 'Any. Text.')).toMatchObject({ correct: false });
  });
});

describe('judgeNumber', () => {
  it.each([
    ['So 3 + 4 = 7', 7],
    ['It costs $1,250.50.', 1250.5],
    ['-3', -3],
    ['from 3-5', 5],
    ['−2.5e2 K', -250],
    ['#### 18', 18],
    ['none', null],
  ])('reads the last number of "%s"', (text, number) => {
    expect(lastNumber(text)).toBe(number);
  });

  it('allows the tolerance and no more', () => {
    expect(judgeNumber({ expected: 10, tolerance: 0.5 }, 'about 10.5')).toEqual({ correct: true });
    expect(judgeNumber({ expected: 10, tolerance: 0.5 }, '10.51')).toMatchObject({ correct: false });
    expect(judgeNumber({ expected: 0.1 + 0.2, tolerance: 0 }, '0.3')).toEqual({ correct: true });
  });
});

describe('judgeRegex', () => {
  it('searches the reply for the pattern', () => {
    expect(judgeRegex({ pattern: '^(?i:yes)\\b' }, 'YES, it does')).toEqual({ correct: true });
    expect(judgeRegex({ pattern: '^(?i:yes)\\b' }, 'No')).toMatchObject({ correct: false });
  });

  it('stops a pattern that backtracks without end', () => {
    const { reason } = judgeRegex({ pattern: '^(a+)+$' }, `${'a'.repeat(60)}b`) as { reason: string };
    expect(reason).toContain('not found within');
  });
});

describe('judgeJsonSchema', () => {
  const schema = { type: 'object', required: ['size'], properties: { size: { enum: ['A4', 'A5'] } } };

  it('takes JSON that fits, bare or in a fence', () => {
    expect(judgeJsonSchema({ schema }, '{"size":"A4"}')).toEqual({ correct: true });
    expect(judgeJsonSchema({ schema }, 'Here:\n```json\n{"size": "A5"}\n```')).toEqual({ correct: true });
    expect(judgeJsonSchema({ schema }, '{"size":"A3"}')).toMatchObject({ correct: false });
    expect(judgeJsonSchema({ schema }, 'A4')).toMatchObject({ correct: false });
  });

  it('says why a schema does not compile, and takes one of another draft', () => {
    expect(schemaProblem({ type: 'text' })).toContain('type');
    expect(schemaProblem('object')).toBe('a schema is an object');
    expect(schemaProblem({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema })).toBeNull();
  });
});

it('judge hostile answers without falling over them', () => {
  for (const answer of HOSTILE) {
    expect(judgeExact({ accepted: ['yes'] }, answer)).toMatchObject({ correct: false });
    expect(judgeContains({ accepted: ['yes'] }, answer)).toMatchObject({ correct: false });
    expect(judgeRegex({ pattern: 'yes' }, answer)).toMatchObject({ correct: false });
    expect(judgeJsonSchema({ schema: {} }, answer)).toMatchObject({ correct: false });
    expect(judgeNumber({ expected: 5, tolerance: 0 }, answer)).toMatchObject({ correct: false });
  }
});
