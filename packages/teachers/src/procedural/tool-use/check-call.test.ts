import { describe, expect, it } from 'vitest';
import { checkCall, type ToolFacts } from './check-call.ts';

const facts: ToolFacts = {
  ...{ kind: 'tool-call', tool: 'buy', arguments: { item: 'tea', count: 2 } },
  tools: [
    { name: 'buy', parameters: { item: 'string', count: 'integer' } },
    { name: 'pay', parameters: { to: 'string' } },
  ],
};
const call = (tool: unknown, given: object, more: object = {}) => JSON.stringify({ tool, arguments: given, ...more });

describe('checkCall', () => {
  it('takes the expected call alone', () => {
    expect(checkCall(facts, call('buy', { count: 2, item: 'tea' }))).toEqual({ correct: true });
  });

  it.each([
    ['a tool that is not offered', call('add_event', {}), 'names add_event, but only buy, pay can be called'],
    ['no tool', '{"item":"tea"}', 'names no tool, but only buy, pay can be called'],
    ['null', 'null', 'names no tool, but only buy, pay can be called'],
    ['another offered tool', call('pay', { to: 'Tom' }), 'expected the tool buy, got pay'],
    ['another value', call('buy', { item: 'tea', count: 3 }), 'count: expected 2, got 3'],
    ['a missing argument', call('buy', { item: 'tea' }), 'does not match the schema of buy: data/arguments must have'],
    ['an argument too many', call('buy', { item: 'tea', count: 2, to: 'Tom' }), 'does not match the schema of buy'],
    ['a text for a number', call('buy', { item: 'tea', count: '2' }), 'does not match the schema of buy'],
    ['a field too many', call('buy', { item: 'tea', count: 2 }, { id: 1 }), 'does not match the schema of buy'],
    ['prose', 'I buy tea.', 'not JSON: I buy tea.'],
  ])('says of %s what is wrong', (_, answer, reason) => {
    expect(checkCall(facts, answer)).toEqual({ correct: false, reason: expect.stringContaining(reason) });
  });
});
