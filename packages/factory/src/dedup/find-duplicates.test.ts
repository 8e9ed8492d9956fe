import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../random/random.ts';
import { findDuplicates } from './find-duplicates.ts';
import { packTexts } from './pack-texts.ts';

const WORDS = Array.from({ length: 400 }, (_, at) => `w${at.toString(36)}`);

/** Texts of 1 to `longest` words, most of them with near and far copies among the others. */
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

/** The definition, slowly: sets of three-word strings. */
function bruteForce(texts: readonly string[], order: Uint32Array, threshold: number): Set<number> {
  const sets = texts.map((text) => {
    const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    if (words.length < 3) return new Set(words.length === 0 ? [] : [words.join(' ')]);
    return new Set(words.slice(2).map((_, at) => words.slice(at, at + 3).join(' ')));
  });
  const kept: number[] = [];
  for (const text of order) {
    const ours = sets[text] as Set<string>;
    const similar = kept.some((other) => {
      const common = ours.intersection(sets[other] as Set<string>).size;
      const union = ours.size + (sets[other] as Set<string>).size - common;
      return union === 0 || common / union >= threshold;
    });
    if (!similar) kept.push(text);
  }
  return new Set(kept);
}

const inTurn = (count: number) => Uint32Array.from({ length: count }, (_, at) => at);
const keptOf = ({ keeper }: { keeper: Uint32Array }) =>
  new Set([...keeper.keys()].filter((text) => keeper[text] === text));

describe('findDuplicates', () => {
  it('keeps exactly what the definition keeps where texts are short', () => {
    for (const seed of [1, 2, 3]) {
      const texts = library(createRandom(`short/${seed}`), 500, 40);
      const order = inTurn(texts.length);
      expect(keptOf(findDuplicates(packTexts(texts), order, 0.8))).toEqual(bruteForce(texts, order, 0.8));
    }
  });

  it('misses less than 2% of what the definition removes where texts are long, and removes nothing else', () => {
    let wanted = 0;
    let missed = 0;
    let wrong = 0;
    for (const seed of [1, 2, 3]) {
      const texts = library(createRandom(`long/${seed}`), 400, 250);
      const order = inTurn(texts.length);
      const kept = keptOf(findDuplicates(packTexts(texts), order, 0.8));
      const right = bruteForce(texts, order, 0.8);
      wanted += texts.length - right.size;
      missed += kept.difference(right).size;
      wrong += right.difference(kept).size;
    }
    expect(wanted).toBeGreaterThan(500);
    expect(missed / wanted).toBeLessThan(0.02);
    // A text goes where the definition keeps it only when the better one it resembles was missed before.
    expect(wrong).toBeLessThanOrEqual(missed);
  });

  it('gives the same result whatever the order of the input', () => {
    const random = createRandom('order');
    const texts = library(random, 300, 60);
    const merit = new Map([...new Set(texts)].sort().map((text, at) => [text, at]));
    const kept = (list: readonly string[]) => {
      const order = inTurn(list.length).sort(
        (left, right) => merit.get(list[left]!)! - merit.get(list[right]!)! || left - right,
      );
      return [...keptOf(findDuplicates(packTexts(list), order, 0.8))].map((at) => list[at]).sort();
    };
    expect(kept(random.shuffle(texts))).toEqual(kept(texts));
  });

  it('never makes a chain: whoever goes is similar to the one that stays', () => {
    // Each text shares 90% with the next and nothing with the last.
    const words = Array.from({ length: 400 }, (_, at) => `u${at}`);
    const texts = Array.from({ length: 60 }, (_, at) => words.slice(at * 5, at * 5 + 60).join(' '));
    const { keeper, similarity } = findDuplicates(packTexts(texts), inTurn(texts.length), 0.8);
    expect(new Set(keeper).size).toBeGreaterThan(15);
    for (const [text, other] of keeper.entries()) {
      if (text === other) continue;
      expect(similarity[text]).toBeGreaterThanOrEqual(0.8);
      expect(Math.abs(text - other)).toBeLessThan(3);
    }
  });

  it('takes texts that differ in case, spacing and punctuation for one, two million times over', () => {
    const texts = ['One two, three four.', 'one  TWO three\nfour!', 'one two three five', ''];
    const { keeper, exact, near } = findDuplicates(packTexts(texts), inTurn(4), 0.8);
    expect([...keeper]).toEqual([0, 0, 2, 3]);
    expect({ exact, near }).toEqual({ exact: 1, near: 0 });
    const bytes = new TextEncoder().encode('the same text again');
    const offsets = new Float64Array(500_001);
    const many = new Uint8Array(500_000 * bytes.length);
    for (let at = 0; at < 500_000; at++) {
      many.set(bytes, at * bytes.length);
      offsets[at + 1] = (at + 1) * bytes.length;
    }
    expect(findDuplicates({ bytes: many, offsets }, inTurn(500_000), 0.8)).toMatchObject({ exact: 499_999, near: 0 });
  });

  it('reads scripts without spaces character by character', () => {
    const text = '深層学習モデルを小さくする方法について説明してください';
    const { keeper, near } = findDuplicates(packTexts([text, `${text}ね`, '天気予報を教えて']), inTurn(3), 0.8);
    expect([...keeper]).toEqual([0, 0, 2]);
    expect(near).toBe(1);
  });
});
