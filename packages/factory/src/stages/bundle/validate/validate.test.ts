import { readFileSync } from 'node:fs';
import type { Question } from '@cogumi/contracts';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { servingGates } from './serving-gates.ts';
import { validate } from './stage.ts';

describe('servingGates', () => {
  const sample = (route: string, answer: string) => ({
    ...{ question_id: 'q', question: 'Why?', route, answer, correct: true },
  });
  const whole = {
    served: 'sha256:1',
    expected: 'sha256:1',
    modifiers: ['code', 'math'],
    samples: [sample('code', 'a'), sample('math', 'b'), sample('base', 'c')],
  };
  it.each([
    ['passes a bundle that answers by all its routes', {}, {}],
    ['fails another bundle than was built', { served: 'sha256:2' }, { verified: 'fail' }],
    ['fails an empty answer', { samples: [...whole.samples, sample('base', ' \n')] }, { answers: 'fail' }],
    ['fails a modifier that no sample reached', { modifiers: ['code', 'math', 'tools'] }, { routes: 'fail' }],
    ['skips the routes of a bundle without modifiers', { modifiers: [] }, { routes: 'skipped' }],
    [
      'skips the answers when no sample was asked',
      { samples: [], modifiers: [] },
      { answers: 'skipped', routes: 'skipped' },
    ],
  ])('%s', (_, change, failed) => {
    const gates = servingGates({ ...whole, ...change });
    expect(verdicts({ gates })).toEqual({ verified: 'pass', answers: 'pass', routes: 'pass', ...failed });
  });
});

describe('validate', () => {
  const questions = makeQuestions({
    domains: { math: { easy: 4, hard: 0 }, reading: { easy: 4, hard: 0 } },
    ...{ split: 'test', unseenShare: 0, seed: 1 },
  } as Parameters<typeof makeQuestions>[0]);

  it('asks so many questions of each domain, judges the answers, and closes the server', async () => {
    const asked: string[] = [];
    let closed = 0;
    const { gates, path, facts } = await runStage(validate, {
      options: { samples: 2 },
      inputs: {
        bundle: { files: { 'bundle.cogumi': 'a bundle' }, facts: { digest: 'sha256:1', modifiers: ['math'] } },
        questions: { files: { 'questions.jsonl': questions } },
      },
      serveBundle: async (file) => {
        expect(readFileSync(file, 'utf8')).toBe('a bundle');
        return {
          digest: 'sha256:1',
          ask: async (turns) => {
            asked.push(turns.at(-1)?.content ?? '');
            return { answer: 'forty-two', route: 'math' };
          },
          close: async () => void closed++,
        };
      },
    });
    const domainOf = new Map(questions.map(({ question, domain }: Question) => [question, domain]));
    expect(asked.map((question) => domainOf.get(question)).sort()).toEqual(['math', 'math', 'reading', 'reading']);
    expect(verdicts({ gates })).toEqual({ verified: 'pass', answers: 'pass', routes: 'pass' });
    const samples = JSON.parse(readFileSync(path('samples.json'), 'utf8'));
    expect(samples).toMatchObject(asked.map((question) => ({ question, route: 'math', correct: false })));
    expect(facts).toMatchObject({ routesUsed: ['math'] });
    expect(closed).toBe(1);
  });
});
