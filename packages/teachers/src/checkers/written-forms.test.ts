import { describe, expect, it } from 'vitest';
import { judgeContains } from './contains.ts';
import { lastNumber } from './number.ts';
import { withoutFence } from './without-fence.ts';

const contains = (text: string, answer: string) => judgeContains({ accepted: [text] }, answer).correct;

describe('what stands in an answer', () => {
  it.each(['12.5', '1,12', '112', 'It is -12.', '12,000'])('does not find 12 in %s', (answer) => {
    expect(contains('12', answer)).toBe(false);
  });
  it.each(['12', 'It is 12.', '12, I think', 'pages 3-12', '(12)'])('finds 12 in %s', (answer) => {
    expect(contains('12', answer)).toBe(true);
  });
  it('finds words of scripts without spaces, and no half letters', () => {
    expect(contains('東京', '答えは東京です。')).toBe(true);
    expect(contains('กรุงเทพ', 'คำตอบคือกรุงเทพครับ')).toBe(true);
    expect(contains('क', 'कि')).toBe(false);
  });
});

describe('the last number of a text', () => {
  it.each([
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1 000', 1000],
    ['1\u202f000\u202f000.25', 1000000.25],
    ['12,345', 12345],
    ['１２', 12],
    ['1e3', 1000],
    ['1e9999', null],
    ['3-5', 5],
  ])('of %s is %s', (text, number) => {
    expect(lastNumber(text)).toBe(number);
  });
});

describe('withoutFence', () => {
  it.each(['python3', 'json5', 'c++', ''])('takes the text out of a fence marked %s', (language) => {
    expect(withoutFence(`Here:\n\`\`\`${language}\n{"a": 1}\n\`\`\`\n`)).toBe('{"a": 1}');
  });
});
