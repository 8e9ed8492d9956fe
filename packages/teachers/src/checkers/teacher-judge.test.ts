import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Question } from '@cogumi/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { openRecords } from '../records/open-records.ts';
import { readSpend } from '../records/spend.ts';
import { startProviderServer } from '../testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from '../testing/test-teacher-pool.ts';

const JUDGE = 'openai:gpt-4o-mini';
const requestContext = { stage: 'evaluate', batchable: false, signal: new AbortController().signal };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const example: NonNullable<Question['example']> = {
  ...{ answer: 'It costs 4 euros a month.', history: [], source: 'own.jsonl', licence: 'CC0-1.0', terms: null },
  check: { kind: 'judge', teacher: JUDGE, minScore: 7, passport: null },
};
const question: Question = {
  ...{ question_id: 'support_example_0001', domain: 'support', difficulty: 'easy', task: 'support/examples' },
  ...{ wording: '', unseen: null, draw: '', question: 'What does Plus cost?', facts: null },
  example,
};

describe('an example that a teacher judges', () => {
  it('is judged beside its own answer, through the ledger and within the budget', async () => {
    const prompts: string[] = [];
    const server = await startProviderServer({
      models: ['gpt-4o-mini'],
      answer: (messages) => {
        const prompt = messages.at(-1)?.content ?? '';
        prompts.push(prompt);
        const score = prompt.endsWith('4 euros') ? 9 : 2;
        return JSON.stringify({ quality: score, relevance: score, clarity: score });
      },
    });
    closing.push(() => server.close());
    const store = mkdtempSync(join(tmpdir(), 'cogumi-judge-'));
    closing.push(() => rmSync(store, { recursive: true, force: true }));
    const items = ['4 euros', '40 euros'].map((answer) => ({ question, answer }));

    const pool = openTestTeacherPool(server.url, [JUDGE], { store, batch: 'never' });
    closing.push(() => pool.close());
    const judged = await pool.judge(items, requestContext);
    expect(judged).toEqual([
      { correct: true },
      { correct: false, reason: `${JUDGE} gave it 2 of 10; 7 are asked for` },
    ]);
    expect(prompts.every((prompt) => prompt.includes('It costs 4 euros a month.'))).toBe(true);
    const database = openRecords(store);
    const spent = readSpend(database, { recipe: 'test' });
    database.close();
    expect(spent.reduce((sum, { money }) => sum + money, 0)).toBeGreaterThan(0);

    // A question of a conversation is judged with the turns around it.
    const chat = {
      ...question,
      question: 'And with a school address?',
      example: {
        ...example,
        history: [
          { role: 'system' as const, content: 'You sell Plus.' },
          { role: 'user' as const, content: 'What does Plus cost?' },
          { role: 'assistant' as const, content: 'Four euros.' },
        ],
      },
    };
    await pool.judge([{ question: chat, answer: 'Half of that.' }], requestContext);
    const last = prompts.at(-1) ?? '';
    const shown = [
      'You sell Plus.',
      'What does Plus cost?',
      'Four euros.',
      'And with a school address?',
      'Half of that.',
    ];
    expect(shown.map((text) => last.indexOf(text))).toEqual(
      shown.map((text) => last.indexOf(text)).toSorted((a, b) => a - b),
    );
    expect(shown.every((text) => last.includes(text))).toBe(true);
    prompts.pop();

    // The same judgements are not paid twice, and others not without money.
    const poor = openTestTeacherPool(server.url, [JUDGE], { store, batch: 'never', budget: 0 });
    closing.push(() => poor.close());
    expect(await poor.judge(items, requestContext)).toEqual(judged);
    await expect(poor.judge([{ question, answer: 'free' }], requestContext)).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
    });
  });
});
