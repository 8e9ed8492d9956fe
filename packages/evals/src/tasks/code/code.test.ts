import { describe, expect, it } from 'vitest';
import { openAnswerCache } from '../../cache/answer-cache.ts';
import type { EvalModel } from '../../models/eval-model.ts';
import { summarizeTask } from '../../report/summarize-task.ts';
import { runTask } from '../../run-task.ts';
import type { CodeItem } from '../task.ts';
import { type HumanEvalRow, humanEval } from './human-eval.ts';
import { type MbppRow, mbpp, mbppSplit } from './mbpp.ts';

const { signal } = new AbortController();

const square: HumanEvalRow = {
  task_id: 'Example/0',
  prompt: 'import math\n\ndef square(x):\n    """ The square of x. """\n',
  entry_point: 'square',
  test: '\ndef check(candidate):\n    assert candidate(3) == 9\n    assert math.isclose(candidate(0.5), 0.25)\n',
};
const rows = [0, 1, 2, 3, 4].map((at) => ({ ...square, task_id: `Example/${at}` }));
const file = { path: 'HumanEval.jsonl', rows };

/** A model that knows what to write for each item. */
function writer(answers: readonly string[]): EvalModel & { asked: number } {
  return {
    ...{ name: 'writer', identity: { answers: answers.join() }, together: 64, asked: 0 },
    generate(requests) {
      this.asked += requests.length;
      return Promise.resolve(requests.map((_, at) => answers[at] as string));
    },
    chat: () => Promise.reject(new Error('not asked')),
    logLikelihoods: () => Promise.reject(new Error('not asked')),
  };
}

describe('humaneval', () => {
  it('gives the head of the function and stops where something else begins, as lm-eval', () => {
    const { items, harness } = humanEval('humaneval', file, { limit: 1 });
    expect(harness).toEqual({ task: 'humaneval', version: 1 });
    expect(items).toHaveLength(1);
    expect(items[0]?.request).toEqual({
      ...{ kind: 'generate', prompt: square.prompt, maxTokens: 1024 },
      stop: ['\nclass', '\ndef', '\n#', '\nif', '\nprint'],
    });
  });

  it('runs each answer with its tests and keeps the verdicts', async () => {
    const answers = [
      '    return x * x',
      '    return x + 6',
      '    return x *',
      '    import sys; sys.exit(0)',
      '    return open("/etc/passwd").read() and x * x',
    ];
    // Equal requests are asked once: each row has a prompt of its own.
    const own = { ...file, rows: rows.map((row, at) => ({ ...row, prompt: `# ${at}\n${row.prompt}` })) };
    const task = humanEval('humaneval', own);
    const cache = openAnswerCache(null);
    const model = writer(answers);
    const { items } = await runTask(task, model, { cache, signal });
    expect(items.map(({ scores }) => scores['pass@1'])).toEqual([1, 0, 0, 0, 0]);
    expect(summarizeTask(task, items).scores).toMatchObject([{ metric: 'pass@1', items: 5, right: 1 }]);
    // No program is run again whose verdict is known.
    const onRun = () => expect.unreachable();
    expect((await runTask(task, model, { cache, signal, onRun })).items).toEqual(items);
    expect(model.asked).toBe(5);
  });

  it('refuses a row whose tests call another function', () => {
    const strange = { path: 'HumanEval.jsonl', rows: [{ ...square, entry_point: 'cube' }] };
    expect(() => humanEval('humaneval', strange)).toThrow(
      expect.objectContaining({ code: 'EVAL_KEY', message: expect.stringContaining('Row 1 of HumanEval.jsonl') }),
    );
  });
});

describe('mbpp', () => {
  const row = (id: number): MbppRow => ({
    ...{ task_id: id, text: 'Write a function to double.' },
    test_list: ['assert double(1) == 2', 'assert double(2) == 4', 'assert double(3) == 6', 'assert double(4) == 9'],
  });

  it('asks with three tests behind the examples of its authors', () => {
    const { items } = mbpp('mbpp', { path: 'mbpp.jsonl', rows: [row(11)] }, { shots: 1 });
    const { prompt, stop, maxTokens } = (items[0] as CodeItem).request;
    expect({ stop, maxTokens }).toEqual({ stop: ['[DONE]'], maxTokens: 256 });
    expect(prompt).toMatch(/^You are an expert Python programmer, and here is your task: Write a function to find the/);
    expect(prompt).toContain('  return (res) \n[DONE]\n\nYou are an expert');
    expect(prompt).toMatch(/assert double\(3\) == 6\n\[BEGIN\]\n$/);
  });

  it('runs the answer with the three tests that it was shown', async () => {
    const task = mbpp('mbpp', { path: 'mbpp.jsonl', rows: [row(11), { ...row(12), text: 'Another.' }] });
    const answers = ['def double(x): return x + x', 'def double(x): return 2'];
    const { items } = await runTask(task, writer(answers), { cache: openAnswerCache(null), signal });
    expect(items.map(({ id, scores }) => [id, scores['pass@1']])).toEqual([
      ['mbpp-11', 1],
      ['mbpp-12', 0],
    ]);
  });

  it('divides the whole file as its authors did', () => {
    const whole = { path: 'mbpp.jsonl', rows: Array.from({ length: 974 }, (_, at) => row(at + 1)) };
    const count = (split: Parameters<typeof mbppSplit>[1]) => mbppSplit(whole, split).rows.length;
    expect([count('test'), count('validation'), count('train')]).toEqual([500, 90, 374]);
  });
});
