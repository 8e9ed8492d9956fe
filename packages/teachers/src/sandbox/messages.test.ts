import { describe, expect, it } from 'vitest';
import { readAnswer } from './messages.ts';

const task = { code: '', expressions: ['1', '2'], isolated: true };

describe('readAnswer', () => {
  it('reads a value or an error for each expression, and ignores everything else', () => {
    expect(readAnswer({ values: [{ value: '1', more: 1 }, { error: 'E' }], passed: true }, task)).toEqual({
      values: [{ value: '1' }, { error: 'E' }],
      last: false,
    });
  });

  it('accepts a refusal only from a shared interpreter', () => {
    const refusal = { disallowed: 'Import', last: true };
    expect(readAnswer(refusal, { ...task, isolated: false })).toEqual(refusal);
    expect(readAnswer(refusal, task)).toBeNull();
  });

  it.each([
    null,
    undefined,
    'values',
    [],
    {},
    { values: '12' },
    { values: [{ value: '1' }] },
    { values: [{ value: '1' }, null] },
    { values: [{ value: '1' }, { value: 2 }] },
    { values: [{ value: '1' }, {}] },
    { values: [{ value: '1' }, { value: '2' }, { value: '3' }] },
  ])('takes %j for none', (message) => {
    expect(readAnswer(message, task)).toBeNull();
  });
});
