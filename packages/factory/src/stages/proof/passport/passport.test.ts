import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgePassport, Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { TeacherPool } from '@cogumi/teachers';
import { judgePrompt } from '@cogumi/teachers/judging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { examples } from '../../data/examples/stage.ts';
import { passport } from './stage.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-passport-'));
  const labels = Array.from({ length: 80 }, (_, at) => ({
    question: `Question ${at}?`,
    answer: `${at % 2 === 0 ? 'right' : 'wrong'}${' and more'.repeat((at * 7) % 5)}`,
    good: at % 2 === 0,
  }));
  writeFileSync(join(folder, 'labels.jsonl'), labels.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const own = Array.from({ length: 12 }, (_, at) => ({ question: `How is thing ${at} done?`, answer: `So: ${at}.` }));
  writeFileSync(join(folder, 'own.jsonl'), own.map((one) => `${JSON.stringify(one)}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A judge that finds answers good by what they say, or all of them. */
const judge = (finds: (text: string) => boolean): TeacherPool =>
  ({
    complete: async (_teacher: string, calls: readonly { messages: readonly { content: string }[] }[]) =>
      calls.map(({ messages }) => {
        const score = finds(messages.at(-1)?.content ?? '') ? 8 : 3;
        return JSON.stringify({ quality: score, relevance: score, clarity: score });
      }),
  }) as unknown as TeacherPool;
const sound = judge((text) => text.includes('right'));
const generous = judge(() => true);

const prompts = { answers: judgePrompt('answers') };
const check = (teacherPool: TeacherPool, minScore = 7) =>
  runStage(passport, {
    options: { teacher: 'openai:test', minScore, limit: 60, samples: 2, prompts },
    sources: { labels: join(folder, 'labels.jsonl') },
    teacherPool,
  });

describe('passport', () => {
  it('compares a judge with people and writes its passport', async () => {
    const { path, facts, warnings } = await check(sound);
    const written = JudgePassport.parse(JSON.parse(await readFile(path('passport.json'), 'utf8')));
    expect(written).toMatchObject({ verdict: 'valid', items: 60, minScore: 7, prompt: judgePrompt('answers') });
    expect(facts).toMatchObject({ verdict: 'valid', kappa: 1 });
    expect(warnings).toEqual([]);
  });

  it('stops no build for a judge that gets none, and says so', async () => {
    const { gates, warnings } = await check(generous);
    expect(gates).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^openai:test holds no passport .* its verdicts are advice\.$/)]);
  });

  it('plans the requests of a judge', () => {
    const { items, asks } = passport.workload(
      { teacher: 'openai:test', minScore: 7, limit: 200, samples: 3, prompts },
      {},
      {},
    );
    expect(items).toBe(200);
    expect(asks).toMatchObject([{ teacher: 'openai:test', requests: 1000 }]);
  });

  it('is carried by the questions of the domain only where it is valid for what the checker does', async () => {
    const promptsOf = async (artifact: Awaited<ReturnType<typeof check>>['artifact'] | null, minScore = 7) => {
      const { path } = await runStage(examples, {
        options: {
          ...{ domain: 'things', examples: [{ path: 'own.jsonl', licence: 'CC0-1.0' }] },
          checker: { kind: 'judge', teacher: 'openai:test', minScore },
        },
        sources: { 0: join(folder, 'own.jsonl') },
        inputs: artifact ? { passport: artifact } : {},
      });
      const questions = await readAllJsonl(path('held-out.jsonl'), Question);
      return new Set(questions.map(({ example }) => example?.check.kind === 'judge' && example.check.passport));
    };
    const { artifact } = await check(sound);
    expect(await promptsOf(artifact)).toEqual(new Set([judgePrompt('answers')]));
    expect(await promptsOf(artifact, 8)).toEqual(new Set([null]));
    expect(await promptsOf((await check(generous)).artifact)).toEqual(new Set([null]));
    expect(await promptsOf(null)).toEqual(new Set([null]));
  });
});
