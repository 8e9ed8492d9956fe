import { Row, TextRow } from '@cogumi/contracts';
import { isTestFact, TASKS } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { SEEDLING_MIX, SEEDLING_TASKS, seedlingCorpus } from './corpus.ts';

const rows = [...seedlingCorpus({ rows: 6000, seed: 1, echoesFirst: 0 })];
const asked = rows.filter((row): row is Row => 'question' in row);

describe('seedlingCorpus', () => {
  it('gives exactly the rows asked for, each in the shape that jobs read', () => {
    expect(rows).toHaveLength(6000);
    for (const row of rows) ('question' in row ? Row : TextRow).parse(row);
    expect(new Set(asked.map(({ question_id }) => question_id)).size).toBe(asked.length);
  });

  it('is the same for the same seed and another for another', () => {
    expect([...seedlingCorpus({ rows: 200, seed: 1, echoesFirst: 0 })]).toEqual(rows.slice(0, 200));
    expect([...seedlingCorpus({ rows: 200, seed: 2, echoesFirst: 0 })]).not.toEqual(rows.slice(0, 200));
  });

  it('asks no domain question twice', () => {
    const questions = asked.filter(({ domain }) => domain !== null).map(({ question }) => question);
    expect(new Set(questions).size).toBe(questions.length);
  });

  it('gives no question that it is told of, and tells of those it gave', () => {
    const seen = new Set<string>();
    const first = [...seedlingCorpus({ rows: 2000, seed: 1, seen, echoesFirst: 0 })];
    const second = [...seedlingCorpus({ rows: 500, seed: 2, seen, echoesFirst: 0 })];
    const questions = (of: typeof first) =>
      of.flatMap((row) => ('question' in row && row.domain !== null ? [row.question] : []));
    expect(questions(second).filter((question) => questions(first).includes(question))).toEqual([]);
    expect(seen.size).toBe(questions(first).length + questions(second).length);
  });

  it('leaves some skills to fine-tuning, and half of each modifier’s domain to the modifier', () => {
    const read = new Set([...SEEDLING_TASKS.values()].flat().map(({ name }) => name));
    expect(asked.filter(({ domain, source }) => domain !== null && !read.has(source as never))).toEqual([]);
    const left = (domain: string) =>
      [...TASKS.values()].filter((task) => task.domain === domain && !read.has(task.name)).length;
    expect(['math', 'summarization', 'instruction_following', 'reading', 'common_sense'].map(left)).toEqual([
      1, 1, 2, 0, 0,
    ]);
    for (const domain of ['coding', 'tool_use', 'reasoning']) {
      const all = [...TASKS.values()].filter((task) => task.domain === domain).length;
      expect(left(domain)).toBe(Math.floor(all / 2));
    }
  });

  it('has echoes of many lengths that say what was said', () => {
    const echoes = asked.filter(({ source }) => source === 'seedling/echo');
    for (const { question, answer } of echoes) expect(question).toContain(answer);
    expect(new Set(echoes.map(({ answer }) => answer.split(' ').length)).size).toBe(14);
  });

  it('begins with echoes alone', () => {
    const first = [...seedlingCorpus({ rows: 300, seed: 1, echoesFirst: 200 })];
    const echoes = first.map(({ source }) => source === 'seedling/echo');
    expect(echoes.slice(0, 200)).toEqual(Array.from({ length: 200 }, () => true));
    expect(echoes.slice(200).filter(Boolean).length).toBeLessThan(40);
  });

  it('never meets a fact of the tests: facts read back from the questions', () => {
    // Three tasks whose fact can be read off the question; the rule is one for all (corpus.ts).
    const facts = asked.flatMap(({ source, question }) => {
      const words = question.replace(/^[A-Z][^:.]*[:.] /, '');
      if (source === 'math/sum') {
        const [, left, sign, right] = /(\d+) ([+-]|plus|minus) (\d+)/.exec(question)!;
        return [{ source, fact: `${left} ${sign!.replace('plus', '+').replace('minus', '-')} ${right}` }];
      }
      return source === 'instruction_following/copy' || source === 'instruction_following/reverse'
        ? [{ source, fact: `${words} ` }]
        : [];
    });
    expect(facts.length).toBeGreaterThan(300);
    expect(facts.filter(({ source, fact }) => isTestFact(source, fact))).toEqual([]);
  });

  it('uses none of the wordings that are kept for tests', () => {
    const kept = [
      /^Tell me the answer of /,
      /^Please give me /,
      /^Here is a short text\. /,
      / Find it in this: /,
      /^Give me a short summary of this text: /,
      /^What would help /,
      /^Please write down the same words: /,
      /^Turn these words to upper case: /,
      / and name the one that does not fit\.$/,
    ];
    expect(asked.filter(({ question }) => kept.some((wording) => wording.test(question)))).toEqual([]);
  });

  it('keeps to its mix, weak where modifiers are to teach', () => {
    const whole = Object.values(SEEDLING_MIX).reduce((sum, weight) => sum + weight, 0);
    const share = (domain: string) => asked.filter((row) => row.domain === domain).length / rows.length;
    // Repeats and test facts are drawn anew, which costs domains of small key spaces some of their share.
    for (const domain of ['reading', 'summarization', 'instruction_following'] as const) {
      expect(share(domain)).toBeGreaterThan(SEEDLING_MIX[domain] / whole - 0.03);
      expect(share(domain)).toBeLessThan(SEEDLING_MIX[domain] / whole + 0.04);
    }
    for (const domain of ['coding', 'tool_use', 'reasoning']) expect(share(domain)).toBeLessThan(0.04);
  });
});
