import { PROCEDURAL_TEACHERS, type Teacher } from '@cogumi/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { openTeacherPool } from './open-teacher-pool.ts';
import { TeachersOptions } from './options.ts';
import { makeQuestions } from './procedural/make-questions.ts';
import { parseReply, structuredReply } from './procedural/reply.ts';

describe('openTeacherPool', () => {
  const needs = { store: null, recipe: 'test', run: 'test', budget: 0, seed: 1, options: TeachersOptions.parse({}) };
  const teacherPool = openTeacherPool({ ...needs, teachers: [...PROCEDURAL_TEACHERS], environment: {} });
  afterAll(() => teacherPool.close());
  const questions = makeQuestions({
    domains: { math: { easy: 200, hard: 200 } },
    split: 'train',
    unseenShare: 0,
    seed: 5,
  });
  const requestContext = { stage: 'test', tier: null, batchable: false, signal: new AbortController().signal };
  const wrongShare = async (teacher: Teacher) => {
    const replies = await teacherPool.ask(teacher, questions, requestContext);
    const judged = await teacherPool.judge(
      questions.map((question, at) => ({ question, answer: replies[at]?.answer ?? '' })),
      requestContext,
    );
    return judged.filter(({ correct }) => !correct).length / questions.length;
  };

  it('has procedural teachers with the error rates of their grades', async () => {
    expect(await wrongShare('procedural:master')).toBe(0);
    expect(await wrongShare('procedural:journeyman')).toBeCloseTo(0.05, 1);
    const apprentice = await wrongShare('procedural:apprentice');
    expect(apprentice).toBeGreaterThan(0.18);
    expect(apprentice).toBeLessThan(0.32);
    expect(await wrongShare('procedural:apprentice')).toBe(apprentice);
  });

  it('reports everything that is missing before the first request', () => {
    const open = (teachers: Teacher[]) => openTeacherPool({ ...needs, teachers, environment: {} });
    expect(() => open(['openai:gpt-4o', 'anthropic:no-such-model', 'opnai:x', 'procedural:master'])).toThrow(
      expect.objectContaining({
        code: 'TEACHERS_UNREADY',
        message: expect.stringMatching(/OPENAI_API_KEY[\s\S]*ANTHROPIC_API_KEY[\s\S]*did you mean "openai"/),
      }),
    );
    const environment = { OPENAI_API_KEY: 'sk-test' };
    expect(() => openTeacherPool({ ...needs, teachers: ['openai:no-such-model'], environment })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('price of openai:no-such-model is not known') }),
    );
  });
});

describe('TeachersOptions', () => {
  it('lets no recipe send the key of a known provider to another server', () => {
    const problems = (providers: object) =>
      TeachersOptions.safeParse({ providers })
        .error?.issues.map(({ message }) => message)
        .join() ?? '';
    expect(problems({ openai: { baseUrl: 'http://evil.example/v1' } })).toContain('OPENAI_BASE_URL');
    expect(
      problems({ mine: { kind: 'openai', baseUrl: 'http://evil.example', keyVariable: 'OPENAI_API_KEY' } }),
    ).toContain('sent to that provider only');
    expect(
      problems({ mine: { kind: 'openai', baseUrl: 'http://evil.example', keyVariable: 'AWS_SECRET_ACCESS_KEY' } }),
    ).toContain('_API_KEY');
    expect(problems({ mine: { kind: 'openai', baseUrl: 'http://host/v1?api_key=secret' } })).toContain('query');
    expect(problems({ procedural: { concurrency: 2 } })).toContain('built-in');
    expect(
      problems({
        mine: { kind: 'openai', baseUrl: 'http://host/v1', keyVariable: 'MINE_API_KEY' },
        ollama: { baseUrl: 'http://box:11434/v1' },
      }),
    ).toBe('');
  });
});

describe('parseReply', () => {
  it('reads what structuredReply writes', () => {
    expect(parseReply(structuredReply('d', 'c', 'r', 'a\nb'), true)).toEqual({
      answer: 'a\nb',
      reasoning: '[DRAFT] d [CRITIQUE] c [REVISED] r',
    });
  });

  it.each([
    '<answer>7</answer>',
    '<thinking>[DRAFT] a [REVISED] b</thinking><answer>7</answer>',
    'So: <thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer>',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer> done',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer></answer>',
    '<thinking>[DRAFT] a [CRITIQUE] b [REVISED] c</thinking><answer>7</answer><answer>8</answer>',
  ])('rejects %s', (text) => {
    expect(parseReply(text, true)).toBeNull();
  });
});
