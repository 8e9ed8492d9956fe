import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { separateWords } from './separate-words.ts';

const words = (text: string) => separateWords(text).trim().split(/\s+/);

describe('separateWords', () => {
  it.each([
    ['Thai', 'ฉันชอบกินข้าวเช้าทุกวัน', 'ฉัน ชอบ กิน ข้าว เช้า ทุก วัน'],
    ['Lao', 'ຂ້ອຍມັກກິນເຂົ້າ', 'ຂ້ອຍ ມັກ ກິນເຂົ້າ'],
    ['Khmer', 'ខ្ញុំចូលចិត្តអាហារ', 'ខ្ញុំ ចូលចិត្ត អាហារ'],
    ['Burmese', 'မနက်စာစားရတာ', 'မနက် စာ စား ရ တာ'],
    ['Thai between Latin letters', 'see:ฉันชอบ2x', 'see: ฉัน ชอบ 2x'],
  ])('sets spaces between the words of %s', (_, text, separated) => {
    expect(words(text)).toEqual(separated.split(' '));
  });

  it('finds the same words whatever invisible characters stand in between', () => {
    const thai = 'ฉันชอบกินข้าวเช้าทุกวันและดื่มน้ำ';
    expect(words([...thai].join('\u200b'))).toEqual(words(thai));
    expect(words(thai.normalize('NFKC'))).toEqual(words(thai));
  });

  it('reads a sentence of a language without a dictionary in parts', () => {
    const shan = 'ၵူၼ်းတႆးၵူႈၵေႃႉတၢင်းၶဝ်ႈတၢင်းၼမ်ႉၵိၼ်ၶဝ်ႈၼႂ်းႁိူၼ်း';
    expect(words(shan).length).toBeGreaterThan(5);
    expect(Math.max(...words('ฃ'.repeat(200)).map(({ length }) => length))).toBeLessThan(25);
  });

  it('leaves the words of other scripts as they are', () => {
    expect(separateWords('Größe, naïve; 日本語 한국어')).toBe('größe, naïve; 日本語 한국어');
  });

  it('takes linear time', () => {
    const read = (length: number) => separateWords('ฉันชอบกิน'.repeat(length / 9));
    expect(timeGrowth(read, 9_000, 72_000)).toBeLessThan(8 * 4);
  });
});
