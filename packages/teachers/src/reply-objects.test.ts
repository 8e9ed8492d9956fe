import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { flatObjectIn, objectIn } from './reply-objects.ts';

describe('objectIn', () => {
  it.each([
    ['Here it is: {"facts": [{"a": 1}]}. Bye.', { facts: [{ a: 1 }] }],
    ['```json\n{"a": "}"}\n```', { a: '}' }],
    ['{"a": 1} and {"b": 2}', null],
    ['no braces', null],
    ['{"a": 1', null],
    ['} {', null],
    [null, null],
  ])('reads %j', (reply, expected) => {
    expect(objectIn(reply)).toEqual(expected);
  });

  it('takes linear time', () => {
    expect(timeGrowth((size) => objectIn('{'.repeat(size)), 4000, 32_000)).toBeLessThan(24);
  });
});

describe('flatObjectIn', () => {
  it.each([
    ['Verdict: {"better": "A"} and {"b": 2}', { better: 'A' }],
    ['{"outer": {"better": "B"}}', { better: 'B' }],
    ['{broken} {"better": "A"}', null],
    ['', null],
    [null, null],
  ])('reads %j', (reply, expected) => {
    expect(flatObjectIn(reply)).toEqual(expected);
  });
});
