import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCalls } from '../../python/read-calls.ts';
import { loadTask } from '../load-task.ts';
import type { GenerationItem } from '../task.ts';

const question = {
  id: 'parallel_0',
  question: [[{ role: 'user', content: 'How hot is Köln?' }]],
  function: [
    {
      name: 'get.weather',
      description: 'The weather.',
      parameters: {
        type: 'dict',
        properties: {
          city: { type: 'string' },
          days: { type: 'integer' },
          heat: { type: 'float' },
          at: { type: 'tuple', items: { type: 'float' } },
          more: { type: 'dict' },
        },
        required: ['city'],
      },
    },
  ],
};
const RIGHT = {
  city: ['Köln', 'Cologne'],
  days: [2, ''],
  heat: [30.5, 30.0, ''],
  at: [[50.9, 6.9], ''],
  more: [{ wind: [true, ''] }, ''],
};

function folderWith(truth: object, asked: object = question): string {
  const folder = mkdtempSync(join(tmpdir(), 'bfcl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'possible_answer'));
  writeFileSync(join(folder, 'BFCL_v4_parallel.json'), `${JSON.stringify(asked)}\n`);
  writeFileSync(join(folder, 'possible_answer/BFCL_v4_parallel.json'), `${JSON.stringify(truth)}\n`);
  return folder;
}
const truth = (...calls: object[]) => ({ id: 'parallel_0', ground_truth: calls });
async function isRight(answer: string, ...calls: object[]): Promise<boolean> {
  const { items } = await loadTask('bfcl', { data: folderWith(truth(...calls)) });
  return (items[0] as GenerationItem).score(answer).acc === 1;
}

describe('bfcl', () => {
  it('asks with the functions as Python writes them, and the question behind', async () => {
    const { items } = await loadTask('bfcl', { data: folderWith(truth({ 'get.weather': RIGHT })) });
    expect(items[0]).toMatchObject({ id: 'parallel_0', group: 'parallel' });
    const { prompt } = (items[0] as GenerationItem).request;
    expect(prompt).toMatch(/^You are an expert in composing functions\./);
    expect(prompt).toMatch(/\n {16}"city": \{\n {20}"type": "string"\n {16}\},/);
    expect(prompt).toContain('"description": "The weather. Note that the provided function is in Python 3 syntax."');
    expect(prompt).toMatch(/\n\]\n\n\nHow hot is Köln\?$/);
  });

  it.each([
    ['[get.weather(city="köln")]', true],
    ["```\nget.weather(days=2, city='K-öln', heat=30)\n```", true],
    ['[get.weather(city="Cologne", at=(50.9, 6.9), more={"wind": True})]', true],
    ['[get.weather(city="Bonn")]', false],
    ['[get.weather(days=2)]', false],
    ['[get.weather(city="Köln", days="2")]', false],
    ['[get.weather(city="Köln", days=2.0)]', false],
    ['[get.weather(city="Köln", at=[50.9])]', false],
    ['[get.weather(city="Köln", more={"rain": True})]', false],
    ['[get.weather(city="Köln", unit="C")]', false],
    ['[get.weather(city="Köln"), get.weather(city="Köln")]', false],
    ['[weather(city="Köln")]', false],
    ['It is hot in Köln.', false],
    ['[]', false],
  ])('judges %j', async (answer, right) => {
    expect(await isRight(answer, { 'get.weather': RIGHT })).toBe(right);
  });

  it('takes several calls in any order, each once', async () => {
    const calls = [{ 'get.weather': { city: ['Köln'] } }, { 'get.weather': { city: ['Bonn'] } }];
    expect(await isRight('[get.weather(city="Bonn"), get.weather(city="Köln")]', ...calls)).toBe(true);
    expect(await isRight('[get.weather(city="Bonn"), get.weather(city="Bonn")]', ...calls)).toBe(false);
  });

  it.each([
    [{ id: 'parallel_1', ground_truth: [] }, question, 'EVAL_KEY'],
    [truth({ 'get.price': { city: ['Köln'] } }), question, 'EVAL_KEY'],
    [{ id: 'parallel_0', answer: [] }, question, 'EVAL_ROW'],
    [truth({ 'get.weather': RIGHT }), { ...question, function: [] }, 'EVAL_ROW'],
  ])('refuses files that do not fit: %#', async (given, asked, code) => {
    await expect(loadTask('bfcl', { data: folderWith(given, asked) })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('says what it needs where nothing is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bfcl-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'other.json'), '{}');
    await expect(loadTask('bfcl', { data: folder })).rejects.toThrow(
      expect.objectContaining({ code: 'EVAL_DATA', hint: expect.stringContaining('possible_answer') }),
    );
  });
});

describe('readCalls', () => {
  it.each([
    ['f(a=-1.5e3, b=0x1F, c=2**3, d=7//2)', [-1500, 31, 8, 3]],
    ["f(a='x' \"y\", b='''it's''', c=r'\\n', d='\\u00e9\\n')", ['xy', "it's", '\\n', 'é\n']],
    ["f(a='\\q\\777', b=b'\\u12')", ['\\qǿ', '\\u12']],
    ['f(a=None, b=(1,), c=name, d=g(1))', [undefined, undefined, 'name', 'g(1)']],
  ])('reads %s', (text, values) => {
    const [call] = readCalls(text) ?? [];
    expect(call?.arguments.map(([, value]) => ('value' in value ? value.value : undefined))).toEqual(values);
  });

  it.each([
    'f(a=1, a=2)',
    'f(a=1, 2)',
    'f(',
    'f(a=f"x")',
    '1',
    'f(a=01)',
    'f(a="x)',
    'a = 1',
    '[f()]]',
    "f(a='\\UFFFFFFFF')",
    "f(a='\\x4')",
    "f(a='\\u12')",
    "f(a=b'x' 'y')",
    `f(a=${'['.repeat(300)})`,
    `f(a=${'1**'.repeat(100_000)}1)`,
  ])('finds no call in %s', (text) => {
    expect(readCalls(text)).toBeNull();
  });
});
