import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LoadTaskOptions, loadTask, type TaskName } from './load-task.ts';

/** A folder with these files; values are rows. */
function folderWith(files: Readonly<Record<string, readonly object[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'benchmarks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, rows] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return folder;
}

const humanEvalRow = { task_id: 'T/0', prompt: 'def f():\n', entry_point: 'f', test: 'def check(f): pass' };
const mbppRow = { task_id: 700, text: 'Write.', test_list: ['assert 1', 'assert 2', 'assert 3'] };
const instruction = { key: 1, prompt: 'Write.', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] };

describe('loadTask', () => {
  it('finds the file of a task in its folder, or in the folder that is named', async () => {
    const outside = folderWith({ 'humaneval/HumanEval.jsonl': [humanEvalRow], 'mbpp/mbpp.jsonl': [mbppRow] });
    const inside = folderWith({ 'HumanEval.jsonl': [humanEvalRow] });
    for (const data of [outside, inside]) {
      expect((await loadTask('humaneval', { data })).items.map(({ id }) => id)).toEqual(['T/0']);
    }
    expect((await loadTask('mbpp', { data: outside, split: 'train' })).items.map(({ id }) => id)).toEqual(['mbpp-700']);
  });

  it.each<[TaskName, Record<string, readonly object[]>, Partial<LoadTaskOptions>, string, string]>([
    ['humaneval', { 'a.jsonl': [] }, {}, 'EVAL_DATA', 'has no row'],
    ['humaneval', { 'a.jsonl': [humanEvalRow], 'b.jsonl': [] }, {}, 'EVAL_DATA', 'a, b'],
    ['humaneval', { 'a.jsonl': [{ question: 'x', answer: 'y' }] }, {}, 'EVAL_ROW', 'fields question, answer'],
    ['humaneval', { 'a.jsonl': [humanEvalRow] }, { shots: 2 }, 'EVAL_SHOTS', '2 examples'],
    ['humaneval', { 'a.jsonl': [humanEvalRow] }, { split: 'train' }, 'EVAL_DATA', '"train"'],
    ['mbpp', { 'a.jsonl': [mbppRow] }, {}, 'EVAL_DATA', 'no row of the split "test"'],
    ['mbpp', { 'a.jsonl': [mbppRow] }, { split: 'dev' }, 'EVAL_DATA', 'test, validation, train'],
    ['mbpp', { 'a.jsonl': [{ ...mbppRow, text: undefined }] }, {}, 'EVAL_ROW', '"text"'],
    ['mbpp_plus', { 'a.jsonl': [{ ...mbppRow, test_list: ['assert 1'] }] }, {}, 'EVAL_ROW', '"test_list"'],
    ['evalplus_mbpp', { 'a.jsonl': [mbppRow] }, {}, 'EVAL_KEY', '"test"'],
    ['ifeval', { 'a.jsonl': [instruction] }, {}, 'EVAL_DATA', 'english'],
    ['ifeval', { 'a.jsonl': [instruction], 'english/other.txt': [] }, {}, 'EVAL_DATA', '/english/'],
    ['truthfulqa_mc1', { 'a.jsonl': [{ question: 'x' }] }, {}, 'EVAL_ROW', '"mc1_targets"'],
    ['truthfulqa_mc1', { 'a.jsonl': [{ question: 'x' }] }, { samples: 3 }, 'EVAL_SAMPLES', '3 answers'],
    ['bfcl', { 'BFCL_v4_multiple.json': [{}] }, {}, 'EVAL_DATA', 'possible_answer'],
  ])('%s refuses files that it cannot use: %#', async (name, files, options, code, part) => {
    const loading = loadTask(name, { data: folderWith(files), ...options });
    await expect(loading).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(part), hint: expect.stringMatching(/\w/) }),
    );
  });
});
