import { createRandom } from '@cogumi/pure';
import { NAMES } from '@cogumi/teachers/procedural/words';
import { describe, expect, it } from 'vitest';
import { askForStory, planStory, tellStory } from './stories.ts';

const stories = Array.from({ length: 1000 }, (_, at) => {
  const random = createRandom(`story/${at}`);
  const plan = planStory(random);
  return { plan, asked: askForStory(plan, random), text: tellStory(plan, random) };
});

describe('tellStory', () => {
  it('tells of whom and what it was asked for', () => {
    for (const { plan, text } of stories) {
      expect(text).toContain(plan.name);
      expect(text).toContain(plan.animal);
      expect(text).toContain(plan.object);
    }
  });

  it('writes whole sentences: a capital first, a mark last, single spaces, a or an as it sounds', () => {
    for (const { text } of stories) {
      expect(text).toMatch(/^[A-Z].*[.!]$/);
      expect(text).not.toMatch(/\s\s|[.!?][A-Z]|\s[.,!?]|\ba [aeiou]|\ban [^aeiou]/i);
      for (const [, next] of text.matchAll(/[.!]"? (.)/g)) expect(next).toMatch(/[A-Z"]/);
      expect((text.match(/"/g) ?? []).length % 2).toBe(0);
    }
  });

  it('has six to twelve sentences', () => {
    for (const { text } of stories) {
      const sentences = text.split(/(?<=[.!]"?) (?=[A-Z"])/).length;
      expect(sentences).toBeGreaterThanOrEqual(6);
      expect(sentences).toBeLessThanOrEqual(12);
    }
  });

  it('speaks of one hero in one gender', () => {
    for (const { text } of stories) {
      expect(/\b(she|her|girl)\b/i.test(text) && /\b(he|him|his|boy)\b/i.test(text)).toBe(false);
    }
  });

  it('knows the men among the names; all others are women', () => {
    const men = `Adam Alex Ben Bob Carl Dan Ed Eric Finn Fred Henry Ian Ivan Jack Jim Joe John Ken Leo Liam Luke Mark Max
      Mike Noah Oscar Otto Paul Peter Rob Sam Steve Ted Tim Tom Victor Walt Will Zack Ali Omar Ravi Hugo Felix Jonas Karl`;
    const told = NAMES.filter((name) =>
      /\b(he|him|his|boy)\b/i.test(
        tellStory({ name, animal: 'cat', object: 'ball', place: 'park' }, createRandom(name)),
      ),
    );
    expect(told).toEqual(NAMES.filter((name) => men.split(/\s+/).includes(name)));
  });

  it('mends what broke and finds what was lost, never the other way round', () => {
    for (const { text } of stories) {
      if (/ broke\./.test(text)) expect(text).not.toMatch(/At last they found|There was the|took it home/);
      else expect(text).not.toMatch(/as good as new|was whole|mend/);
    }
  });

  it('brings in the place', () => {
    for (const { plan, text } of stories) expect(text).toContain(plan.place);
  });

  it('tells more than 990 different stories in 1,000', () => {
    expect(new Set(stories.map(({ text }) => text)).size).toBeGreaterThan(990);
  });

  it('tells the same story for the same plan and seed', () => {
    const { plan } = stories[0]!;
    expect(tellStory(plan, createRandom('again'))).toBe(tellStory(plan, createRandom('again')));
  });
});

describe('askForStory', () => {
  it('asks in several ways, in whole sentences', () => {
    for (const { asked } of stories) {
      expect(asked).toMatch(/^[A-Z].*\.$/);
      expect(asked).not.toMatch(/\s\s|\ba [aeiou]|\ban [^aeiou]/);
    }
    expect(new Set(stories.map(({ asked }) => asked.split(' ').slice(0, 3).join(' '))).size).toBeGreaterThan(3);
  });
});
