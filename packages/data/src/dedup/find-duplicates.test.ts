import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Random } from '@cogumi/pure';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchSettings } from './duplicate-finder.ts';
import { countStatus, type Duplicates, EXACT, NEAR } from './duplicates.ts';
import { findDuplicates } from './find-duplicates.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-dedup-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = Array.from({ length: 400 }, (_, at) => `w${at.toString(36)}`);

/** Shuffled texts of 1 to `longest` words; most have copies with a few or many words changed. */
function library(random: Random, originals: number, longest: number): string[] {
  const texts: string[][] = [];
  for (let at = 0; at < originals; at++) {
    const words = Array.from({ length: random.integer(1, longest) }, () => random.pick(WORDS));
    texts.push(words);
    for (let copy = random.integer(0, 3); copy > 0; copy--) {
      const changed = [...words];
      const changes = random.integer(0, Math.ceil(words.length / 8));
      for (let change = 0; change < changes; change++)
        changed[random.integer(0, words.length - 1)] = random.pick(WORDS);
      texts.push(changed);
    }
  }
  return random.shuffle(texts.map((words) => words.join(' ')));
}

function shinglesOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  if (words.length < 3) return new Set(words.length === 0 ? [] : [words.join(' ')]);
  return new Set(words.slice(2).map((_, at) => words.slice(at, at + 3).join(' ')));
}

function jaccard(left: Set<string>, right: Set<string>): number {
  const common = left.intersection(right).size;
  const union = left.size + right.size - common;
  return union === 0 ? 1 : common / union;
}

/** The definition by brute force, on sets of three-word strings. */
function bruteForce(texts: readonly string[], threshold: number): Set<number> {
  const sets = texts.map(shinglesOf);
  const kept: number[] = [];
  for (const [text, ours] of sets.entries())
    if (!kept.some((other) => jaccard(ours, sets[other] as Set<string>) >= threshold)) kept.push(text);
  return new Set(kept);
}

const inTurn = (count: number) => Uint32Array.from({ length: count }, (_, at) => at);
/** Earlier texts have a higher priority unless another order is given. */
const find = (texts: readonly string[], order = inTurn(texts.length), settings: Partial<SearchSettings> = {}) =>
  findDuplicates(texts, order, {
    threshold: 0.8,
    threads: 1,
    memoryBytes: 2 ** 30,
    spillPath: join(folder, 'shingles'),
    ...settings,
  });
const keptOf = ({ canonical }: Duplicates) => new Set([...canonical.keys()].filter((text) => canonical[text] === text));

describe('findDuplicates', () => {
  it('keeps exactly the texts that the definition keeps if texts are short, at any threshold', async () => {
    for (const threshold of [0.5, 0.8, 1]) {
      const texts = library(createRandom(`short/${threshold}`), 500, threshold === 0.5 ? 24 : 40);
      expect(keptOf(await find(texts, undefined, { threshold }))).toEqual(bruteForce(texts, threshold));
    }
  });

  it('misses less than 2% of the duplicates of long texts and removes nothing else', async () => {
    let duplicates = 0;
    let missed = 0;
    let wrong = 0;
    for (const seed of [1, 2, 3]) {
      const texts = library(createRandom(`long/${seed}`), 400, 250);
      const kept = keptOf(await find(texts));
      const right = bruteForce(texts, 0.8);
      duplicates += texts.length - right.size;
      missed += kept.difference(right).size;
      wrong += right.difference(kept).size;
    }
    expect(duplicates).toBeGreaterThan(500);
    expect(missed / duplicates).toBeLessThan(0.02);
    // It removes a text that the definition keeps only after missing a duplicate with a higher priority.
    expect(wrong).toBeLessThanOrEqual(missed);
  });

  it('assigns each text the most similar canonical text, with the similarity of the definition', async () => {
    const texts = library(createRandom('similar'), 1000, 60);
    const found = await find(texts);
    const kept = keptOf(found);
    expect(countStatus(found, NEAR)).toBeGreaterThan(100);
    for (const [text, other] of found.canonical.entries()) {
      const ours = shinglesOf(texts[text] as string);
      const similar = (at: number) => jaccard(ours, shinglesOf(texts[at] as string));
      expect(found.similarity[text]).toBeCloseTo(similar(other), 6);
      if (found.status[text] === NEAR && ours.size <= 32)
        expect(found.similarity[text]).toBeCloseTo(Math.max(...[...kept].filter((at) => at < text).map(similar)), 6);
    }
  });

  it('gives the same result for any number of threads, memory bound and input order', async () => {
    const random = createRandom('order');
    const texts = library(random, 12_000, 60);
    const rankOf = new Map([...new Set(texts)].sort().map((text, at) => [text, at]));
    /** For each text, repeats included: its canonical text and their similarity. */
    const answer = async (list: readonly string[], settings: Partial<SearchSettings>) => {
      const priorities = list.map((text) => rankOf.get(text) as number);
      const order = inTurn(list.length).sort((left, right) => priorities[left]! - priorities[right]! || left - right);
      const { canonical, similarity } = await find(list, order, settings);
      return list.map((text, at) => `${text} > ${list[canonical[at] as number]} ${similarity[at]}`).sort();
    };
    const expected = await answer(texts, {});
    for (const threads of [1, 2, 3])
      for (const memoryBytes of [0, 2 ** 30])
        expect(await answer(random.shuffle(texts), { threads, memoryBytes })).toEqual(expected);
  });

  it('never makes a chain: each duplicate is similar to its canonical text', async () => {
    // Each text shares 90% with the next one and nothing with the last one.
    const words = Array.from({ length: 20_060 }, (_, at) => `u${at}`);
    const texts = Array.from({ length: 4000 }, (_, at) => words.slice(at * 5, at * 5 + 60).join(' '));
    const { canonical, similarity } = await find(texts);
    expect(new Set(canonical).size).toBeGreaterThan(1000);
    for (const [text, other] of canonical.entries()) {
      if (text === other) continue;
      expect(similarity[text]).toBeGreaterThanOrEqual(0.8);
      expect(Math.abs(text - other)).toBeLessThan(3);
    }
  });

  it('keeps rows that share a template and differ in its fields', async () => {
    // Half of the shingles are the same in every text: transitive bands would merge all of them.
    const template = Array.from({ length: 40 }, (_, at) => `frame${at}`).join(' ');
    const random = createRandom('template');
    const filling = () => Array.from({ length: 30 }, () => `f${random.integer(0, 1e9)}`).join(' ');
    const processorMs = async (rows: number) => {
      const texts = Array.from({ length: rows }, () => `${template} ${filling()}`);
      const began = process.cpuUsage();
      expect(countStatus(await find(texts), NEAR)).toBe(0);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1000;
    };
    await processorMs(5000);
    // Comparing all pairs would take 64 times as long for eight times the rows; allowed are 32 times.
    const small = Math.min(await processorMs(5000), await processorMs(5000));
    expect((await processorMs(40_000)) / small).toBeLessThan(8 * 4);
  });
});

describe('findDuplicates on unusual texts', () => {
  it('treats texts that differ in case, spacing or punctuation as equal, and all texts without words as equal', async () => {
    const found = await find(['One two, three four.', 'one  TWO three\nfour!', 'one two three five', '', '?!', '\0']);
    expect([...found.canonical]).toEqual([0, 0, 2, 3, 3, 3]);
    expect([countStatus(found, EXACT), countStatus(found, NEAR)]).toEqual([3, 0]);
  });

  it('reads scripts without spaces character by character', async () => {
    const text = '深層学習モデルを小さくする方法について説明してください';
    const found = await find([text, `${text}ね`, '天気予報を教えて', `see ${text}`, `see${text}`]);
    expect([...found.canonical]).toEqual([0, 0, 2, 0, 0]);
  });

  it('keeps texts that differ only in signs that carry meaning, and not those that differ in other signs', async () => {
    const hello = (language: string) =>
      `Write hello world in ${language}.\nHere is a hello world program in ${language} that prints one line of text.`;
    const statement = (sign: string) =>
      `Is the statement 5 ${sign} 3 written with the right sign?\nThe statement reads 5 ${sign} 3 and so the sign is right.`;
    const found = await find([
      ...['C', 'C++', 'C#'].map(hello),
      ...['>', '<'].map(statement),
      hello('"C++"').replace('.', '!'),
      statement('>').replaceAll('.', ''),
    ]);
    expect([...found.canonical]).toEqual([0, 1, 2, 3, 4, 1, 3]);
    expect(countStatus(found, EXACT)).toBe(2);
  });

  it('finds near-duplicates in scripts without spaces: by words with a dictionary, else by characters', async () => {
    const pairs = [
      ['ฉันชอบกินข้าวเช้าทุกวันและอ่านข่าวตอนเย็นที่บ้านของฉันในกรุงเทพมหานคร', 'ฉันชอบกินข้าวเช้าทุกวันและอ่านข่าวตอนเย็นที่บ้านของฉันในเชียงใหม่'],
      [
        '我每天早上喜欢吃早饭，晚上在上海的家里看新闻，然后和家人一起散步，最后早早睡觉。',
        '我每天早上喜欢吃早饭，晚上在北京的家里看新闻，然后和家人一起散步，最后早早睡觉。',
      ],
      ['ຂ້ອຍມັກກິນເຂົ້າເຊົ້າທຸກມື້ແລະອ່ານຂ່າວໃນຕອນແລງຢູ່ເຮືອນຂອງຂ້ອຍໃນວຽງຈັນ', 'ຂ້ອຍມັກກິນເຂົ້າເຊົ້າທຸກມື້ແລະອ່ານຂ່າວໃນຕອນແລງຢູ່ເຮືອນຂອງຂ້ອຍໃນຫຼວງພະບາງ'],
      [
        'ខ្ញុំចូលចិត្តញ៉ាំអាហារពេលព្រឹករាល់ថ្ងៃហើយអានព័ត៌មាននៅពេលល្ងាចនៅផ្ទះរបស់ខ្ញុំក្នុងទីក្រុងភ្នំពេញ',
        'ខ្ញុំចូលចិត្តញ៉ាំអាហារពេលព្រឹករាល់ថ្ងៃហើយអានព័ត៌មាននៅពេលល្ងាចនៅផ្ទះរបស់ខ្ញុំក្នុងទីក្រុងសៀមរាប',
      ],
      [
        'ကျွန်တော်နေ့တိုင်းမနက်စာစားရတာကြိုက်ပြီးညနေပိုင်းမှာအိမ်မှာသတင်းဖတ်တယ် ရန်ကုန်',
        'ကျွန်တော်နေ့တိုင်းမနက်စာစားရတာကြိုက်ပြီးညနေပိုင်းမှာအိမ်မှာသတင်းဖတ်တယ် မန္တလေး',
      ],
      [
        '毎朝ごはんを食べてから大阪の家で新聞を読み、夜は家族と一緒に散歩をして早く寝ます。',
        '毎朝ごはんを食べてから東京の家で新聞を読み、夜は家族と一緒に散歩をして早く寝ます。',
      ],
      [
        'ང་ཉིན་ལྟར་ཞོགས་པར་ཟས་ཟ་བར་དགའ་བོ་ཡོད། དགོང་དྲོ་ལྷ་སའི་ནང་ལ་གསར་འགྱུར་ཀློག་གི་ཡོད།',
        'ང་ཉིན་ལྟར་ཞོགས་པར་ཟས་ཟ་བར་དགའ་བོ་ཡོད། དགོང་དྲོ་ལྷ་སའི་ནང་ལ་གསར་འགྱུར་ཀློག་གི་རེད།',
      ],
      ['ꦏꦸꦭꦱꦼꦤꦼꦁꦩꦔꦤ꧀ꦱꦏꦧꦼꦤ꧀ꦲꦺꦱꦸꦏ꧀ꦭꦤ꧀ꦩꦕꦥꦮꦂꦠꦱꦺꦴꦫꦺ', 'ꦏꦸꦭꦱꦼꦤꦼꦁꦩꦔꦤ꧀ꦱꦏꦧꦼꦤ꧀ꦲꦺꦱꦸꦏ꧀ꦭꦤ꧀ꦩꦕꦥꦮꦂꦠꦱꦺꦴ'],
      [
        '나는 매일 아침밥을 먹고 저녁에는 서울에 있는 우리 집에서 신문을 읽고 산책을 합니다.',
        '나는 매일 아침밥을 먹고 저녁에는 부산에 있는 우리 집에서 신문을 읽고 산책을 합니다.',
      ],
    ];
    const others = ['ฉันไม่เคยไปทะเลกับเพื่อนเลย', '我从来没有去过海边', 'ខ្ញុំមិនដែលទៅសមុទ្រ'];
    const found = await find([...pairs.flat(), ...others]);
    expect([...found.canonical]).toEqual([
      ...pairs.flatMap((_, at) => [2 * at, 2 * at]),
      ...others.map((_, at) => 2 * pairs.length + at),
    ]);
  });

  it('finds exact duplicates whatever invisible characters, widths and compositions they are written with', async () => {
    const text = 'Write a café menu — with “naïve” prices: $5, €6 and 7%.';
    const found = await find([
      text,
      [...text].join('\u200b'),
      text.replaceAll('e', 'e\u00ad\ufe0f'),
      text.normalize('NFD').replaceAll('\u0301', '\u034f\u0301'),
      text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
      `\u202a${text.replaceAll('“', '"').replaceAll('”', '"').replaceAll('—', '-')}\u202c`,
      text.replace('€', '£'),
    ]);
    expect([...found.canonical]).toEqual([0, 0, 0, 0, 0, 0, 6]);
    expect(countStatus(found, EXACT)).toBe(5);
  });

  it('finds texts that grow when their characters are normalised, larger than a block too', async () => {
    // NFKC makes 18 letters of this one.
    const growing = (times: number) => Array.from({ length: times }, (_, at) => `\ufdfa w${at}`).join(' ');
    const found = await find([growing(3), 'one two three four', growing(9000), growing(9000).toUpperCase()]);
    expect([...found.canonical]).toEqual([0, 1, 2, 2]);
  });

  it('reads every lone surrogate as the same letter, and NUL as the end of a word', async () => {
    const found = await find(['a b c \ud800', 'a b c \udfff', 'a\0b\0c \ufffd', 'a b c']);
    expect([...found.canonical]).toEqual([0, 0, 0, 3]);
  });

  it('finds texts that are larger than a block, among smaller ones', async () => {
    const random = createRandom('large');
    const large = Array.from({ length: 40_000 }, () => random.pick(WORDS)).join(' ');
    const changed = large.replaceAll('w1a ', 'w1b ');
    const texts = ['one two three four', large, 'five six seven eight', changed, 'Five six, seven eight', `${large}!`];
    const found = await find(texts, undefined, { threads: 2, memoryBytes: 0 });
    expect([...found.canonical]).toEqual([0, 1, 2, 1, 2, 1]);
    expect(found.similarity[3]).toBeCloseTo(jaccard(shinglesOf(large), shinglesOf(changed)), 3);
  });

  it('finds a text with more shingles than a chunk of the record store', async () => {
    const huge = Array.from({ length: 2 ** 22 + 100 }, (_, at) => at.toString(36)).join(' ');
    const found = await find(['one two three four', huge, `${huge} zzzzz`], undefined, { memoryBytes: 2 ** 28 });
    expect([...found.canonical]).toEqual([0, 1, 1]);
  });

  it('handles two million equal texts, and half a million that differ in one word, in seconds', async () => {
    const same = Array.from({ length: 2_000_000 }, () => 'the same text again and again');
    expect(countStatus(await find(same), EXACT)).toBe(1_999_999);
    const frame = Array.from({ length: 50 }, (_, at) => `frame${at}`).join(' ');
    const near = Array.from({ length: 500_000 }, (_, at) => `${frame} ${at}`);
    expect(new Set((await find(near)).canonical).size).toBe(1);
  });

  it('finds nothing without texts', async () => {
    expect((await find([])).canonical).toHaveLength(0);
  });
});
