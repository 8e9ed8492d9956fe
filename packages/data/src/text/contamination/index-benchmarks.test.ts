import { createRandom } from '@cogumi/pure';
import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { indexBenchmarks } from './index-benchmarks.ts';

const ITEM =
  'A farmer has seventeen sheep and all but nine run away during a storm, so how many sheep does the farmer have left at home?';
const SHORT = 'Which planet has the most known moons?';
const TEMPLATE = 'The following paragraphs each describe a set of five objects arranged in a fixed order.';
const bench = (items: readonly string[]) => indexBenchmarks([{ name: 'bench', items }]);
const index = bench(['Something else entirely that nobody would ever ask of anyone', ITEM, SHORT]);

describe('indexBenchmarks', () => {
  it('finds an item anywhere, in any case and with other punctuation', () => {
    expect(index.findContamination(`Please answer.\n${ITEM}\nNine.`)).toEqual({
      benchmark: 'bench',
      item: 1,
      overlap: 1,
    });
    expect(index.findContamination(ITEM.toUpperCase().replaceAll(/[,?]/g, ' —'))).toMatchObject({
      item: 1,
      overlap: 1,
    });
    expect(index.findContamination(ITEM.replaceAll(' ', '\n'))).toMatchObject({ item: 1, overlap: 1 });
  });

  it('finds a lightly edited item, with the share that is left', () => {
    // 25 words, the eleventh changed: runs of eight cover words 1 to 10 and 12 to 25.
    expect(index.findContamination(ITEM.replace('away', 'off'))).toMatchObject({
      item: 1,
      overlap: expect.closeTo(24 / 25, 6),
    });
    expect(index.findContamination(ITEM.split(' ').slice(0, 14).join(' '))).toMatchObject({
      overlap: expect.closeTo(14 / 25, 6),
    });
  });

  it('does not report a sentence that shares less than half', () => {
    expect(index.findContamination(ITEM.split(' ').slice(0, 11).join(' '))).toBe(null);
    expect(index.findContamination('A farmer has seventeen sheep and a dog, so how many animals are there?')).toBe(
      null,
    );
  });

  it('finds short items only as a line of their own', () => {
    expect(index.findContamination(`Question:\n${SHORT}\nSaturn`)).toMatchObject({ item: 2, overlap: 1 });
    expect(index.findContamination('Tell me which planet has the most known moons and why')).toBe(null);
  });

  it('does not count runs that many items of a benchmark share', () => {
    const names = ['owl', 'raven', 'falcon', 'quail', 'robin', 'crow', 'jay', 'swan'];
    const index = bench(
      names.map((bird) => `${TEMPLATE} The ${bird} stands to the left of the other ${bird} on its branch.`),
    );
    expect(index.findContamination(`${TEMPLATE} Write a paragraph like this about hats.`)).toBe(null);
    expect(
      index.findContamination(`${TEMPLATE} The falcon stands to the left of the other falcon on its branch.`),
    ).toMatchObject({ item: 2 });
    expect(index.unjudged).toEqual({ bench: 0 });
  });

  it('counts the items that cannot be found', () => {
    const index = bench([...Array(8).fill(TEMPLATE), 'Why?']);
    expect(index.unjudged).toEqual({ bench: 9 });
    expect(index.findContamination(TEMPLATE)).toBe(null);
  });

  it('names the item with the largest overlap', () => {
    const index = bench([`${ITEM} And how many would be left if the other eight had stayed there too?`, ITEM]);
    expect(index.findContamination(ITEM)).toMatchObject({ item: 1, overlap: 1 });
  });

  it('checks rows in a time that does not grow with the benchmark', () => {
    const random = createRandom('rows');
    const words = Array.from({ length: 4000 }, (_, at) => `w${at}`);
    const text = (length: number) => Array.from({ length }, () => random.pick(words)).join(' ');
    const indexOf = (items: number) => bench(Array.from({ length: items }, () => text(50)));
    const indexes = new Map([500, 4000].map((items) => [items, indexOf(items)]));
    const rows = Array.from({ length: 2000 }, () => text(80));
    const lookAll = (items: number) => rows.filter((row) => indexes.get(items)?.findContamination(row) !== null);
    expect(lookAll(4000)).toEqual([]);
    // Eight times the items: comparing with each would take eight times as long.
    expect(timeGrowth(lookAll, 500, 4000)).toBeLessThan(4);
  });

  it('takes linear time if row and item repeat one word', () => {
    const look = (words: number) => {
      const text = Array(words).fill('ha').join(' ');
      expect(bench([text]).findContamination(text)).toEqual({ benchmark: 'bench', item: 0, overlap: 1 });
    };
    expect(timeGrowth(look, 1000, 8000)).toBeLessThan(8 * 4);
  });

  it('counts every occurrence of a run in the item', () => {
    // Of 24 words 8 and 8 are in the text, which has them once.
    const same = 'one two three four five six seven eight';
    const index = bench([`${same} nine ten eleven twelve ${same} nine ten eleven twelve`]);
    expect(index.findContamination(`${same} thirteen`)).toMatchObject({ overlap: expect.closeTo(16 / 24, 6) });
  });

  describe('whatever the characters', () => {
    const MALAGA =
      'A café owner in Málaga bought 48 pastries and sold three quarters of them before noon. How many pastries did the café owner still have?';
    const BRIDGE =
      '“Wait,” said the engine-driver’s friend, “isn’t the bridge that we crossed on Tuesday already closed?” Which day was the bridge crossed?';
    const PRIMES =
      'Find the remainder when the product of the first seventeen odd primes is divided by one hundred and twenty-one, and explain why.';
    const THAI = 'ฉันชอบกินข้าวเช้าทุกวันและอ่านข่าวตอนเย็นที่บ้านของฉันในกรุงเทพมหานคร ฉันกินข้าวกี่ครั้ง';
    const CHINESE = '我每天早上喜欢吃早饭，晚上在上海的家里看新闻，然后和家人一起散步，请问我晚上在哪里看新闻？';
    const KHMER = 'ខ្ញុំចូលចិត្តញ៉ាំអាហារពេលព្រឹករាល់ថ្ងៃហើយអានព័ត៌មាននៅពេលល្ងាចនៅផ្ទះរបស់ខ្ញុំក្នុងទីក្រុងភ្នំពេញ';
    const LAO = 'ຂ້ອຍມັກກິນເຂົ້າເຊົ້າທຸກມື້ແລະອ່ານຂ່າວໃນຕອນແລງຢູ່ເຮືອນຂອງຂ້ອຍໃນວຽງຈັນ';
    const BURMESE = 'ကျွန်တော်နေ့တိုင်းမနက်စာစားရတာကြိုက်ပြီးညနေပိုင်းမှာရန်ကုန်မြို့ရှိကျွန်တော့်အိမ်မှာသတင်းဖတ်တယ်';
    const TIBETAN = 'ང་ཉིན་ལྟར་ཞོགས་པར་ཟས་ཟ་བར་དགའ་བོ་ཡོད། དགོང་དྲོ་ལྷ་སའི་ནང་ལ་གསར་འགྱུར་ཀློག་གི་ཡོད།';
    const JAVANESE = 'ꦏꦸꦭꦱꦼꦤꦼꦁꦩꦔꦤ꧀ꦱꦏꦧꦼꦤ꧀ꦲꦺꦱꦸꦏ꧀ꦭꦤ꧀ꦩꦕꦥꦮꦂꦠꦱꦺꦴꦫꦺ';
    const items = [MALAGA, BRIDGE, PRIMES, THAI, CHINESE, KHMER, LAO, BURMESE, TIBETAN, JAVANESE];
    const index = bench(items);
    const fullWidth = (text: string) =>
      text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000');
    const mathematical = (text: string) =>
      text.replace(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97));
    const within = (sign: string) => (text: string) => text.replaceAll(/(?<=[a-z])(?=[a-z])/g, sign);

    it.each<[string, (text: string) => string]>([
      ['zero-width spaces', within('\u200b')],
      ['soft hyphens', within('\u00ad')],
      ['bidirectional controls', within('\u200e')],
      ['variation selectors', within('\ufe0f')],
      ['tags', within('\u{e0061}')],
      ['word joiners', within('\u2060')],
      ['full-width letters', fullWidth],
      ['mathematical letters', mathematical],
      ['accents in parts', (text) => text.normalize('NFD')],
      [
        'other quotation marks and dashes',
        (text) => text.replaceAll(/[“”]/g, '"').replaceAll('’', "'").replaceAll('-', '‑'),
      ],
    ])('finds items written with %s', (_, write) => {
      for (const item of [0, 1, 2])
        expect(index.findContamination(`Answer this: ${write(items[item] as string)} Thank you.`)).toMatchObject({
          item,
          overlap: expect.toSatisfy((overlap: number) => overlap > 0.9),
        });
    });

    it('finds items of scripts without spaces inside other text', () => {
      const before = { 3: 'ช่วยตอบคำถามนี้หน่อย', 4: '请回答以下问题：', 5: 'សូមឆ្លើយ', 6: 'ກະລຸນາຕອບ', 7: 'ဖြေပါ' } as Record<
        number,
        string
      >;
      for (let item = 3; item < items.length; item++)
        expect(index.findContamination(`${before[item] ?? ''}${items[item]}`)).toMatchObject({ item });
    });

    it('does not report other sentences of these scripts', () => {
      for (const text of [
        'ฉันชอบกินข้าวเย็นกับเพื่อนที่ร้านอาหารใกล้ทะเล แล้วกลับบ้านไปดูโทรทัศน์',
        '我每天早上喜欢喝茶，下午在公司的办公室里写报告，周末和朋友一起打篮球。',
        'ខ្ញុំចូលចិត្តលេងបាល់ទាត់ជាមួយមិត្តភក្តិនៅសាលា',
      ])
        expect(index.findContamination(text)).toBe(null);
    });
  });
});
