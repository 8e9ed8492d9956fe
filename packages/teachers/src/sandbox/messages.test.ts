import { describe, expect, it } from 'vitest';
import { readAnswer } from './messages.ts';

const task = { code: '', expressions: ['1', '2'], alone: true };

describe('readAnswer', () => {
  it('takes a value or an error for each expression, and nothing else that is said', () => {
    expect(readAnswer({ shown: [{ value: '1', more: 1 }, { error: 'E' }], passed: true }, task)).toEqual({
      shown: [{ value: '1' }, { error: 'E' }],
      last: false,
    });
  });

  it('takes a refusal only from an interpreter that others share', () => {
    const refusal = { outside: 'Import', last: true };
    expect(readAnswer(refusal, { ...task, alone: false })).toEqual(refusal);
    expect(readAnswer(refusal, task)).toBeNull();
  });

  it.each([
    null,
    undefined,
    'shown',
    [],
    {},
    { shown: '12' },
    { shown: [{ value: '1' }] },
    { shown: [{ value: '1' }, null] },
    { shown: [{ value: '1' }, { value: 2 }] },
    { shown: [{ value: '1' }, {}] },
    { shown: [{ value: '1' }, { value: '2' }, { value: '3' }] },
  ])('takes %j for none', (message) => {
    expect(readAnswer(message, task)).toBeNull();
  });
});
