import type { ToolFormat } from '@cogumi/llama';
import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { CallReader } from './call-reader.ts';
import { STATED_FORMAT } from './tool-use.ts';

const BARE: ToolFormat = { ...STATED_FORMAT, open: '', between: '', close: '', argumentsKey: 'parameters' };
const LISTED: ToolFormat = { ...STATED_FORMAT, open: '[TOOL_CALLS] [', between: ', ', close: ']' };

interface Read {
  text: string;
  calls: { name: string; arguments: string }[];
}

/** Reads an answer that comes in pieces of so many characters. */
function read(format: ToolFormat, answer: string, size: () => number, controls: string[] = []): Read {
  const reader = new CallReader(format, ['weather', 'time'], controls);
  const result: Read = { text: '', calls: [] };
  const parts = [];
  for (let at = 0; at < answer.length; ) {
    const next = at + size();
    parts.push(...reader.push(answer.slice(at, next)));
    at = next;
  }
  for (const part of [...parts, ...reader.end()]) {
    if (part.kind === 'text') result.text += part.text;
    else if (part.kind === 'call') result.calls.push({ name: part.name, arguments: '' });
    else result.calls[part.call]!.arguments += part.text;
  }
  return result;
}

const call = (name: string, args: string) => ({ name, arguments: args });
const rome = '{"city": "Rome \\"<tool_call>\\"", "days": [1, {"a": "}"}]}';

const CASES: [string, ToolFormat, string, Read, string[]?][] = [
  ['text alone', STATED_FORMAT, 'It is {warm} <tool> \n', { text: 'It is {warm} <tool> \n', calls: [] }],
  [
    'a call',
    STATED_FORMAT,
    `<tool_call>\n{"name": "weather", "arguments": ${rome}}\n</tool_call>`,
    { text: '', calls: [call('weather', rome)] },
  ],
  [
    'text and two calls, with other spaces',
    STATED_FORMAT,
    'I look.\n<tool_call>{"arguments": {"a":1}, "name": "weather"}</tool_call> <tool_call>\n\n{"name":"time","arguments":{ } }\n</tool_call>\n',
    { text: 'I look.', calls: [call('weather', '{"a":1}'), call('time', '{ }')] },
  ],
  [
    'a call without arguments',
    STATED_FORMAT,
    '<tool_call>{"name": "time"}</tool_call>',
    { text: '', calls: [call('time', '{}')] },
  ],
  [
    'a call that is cut off',
    STATED_FORMAT,
    '<tool_call>\n{"name": "time", "arguments": {"zone": "Eur',
    { text: '', calls: [call('time', '{"zone": "Eur')] },
  ],
  [
    'a function that is not known',
    STATED_FORMAT,
    '<tool_call>{"name": "fly", "arguments": {}}',
    { text: '{"name": "fly", "arguments": {}}', calls: [] },
  ],
  ['no object', STATED_FORMAT, '<tool_call>name: time', { text: '<tool_call>name: time', calls: [] }],
  ['a bare call', BARE, ' {"name": "time", "parameters": {"a": 1}}', { text: '', calls: [call('time', '{"a": 1}')] }],
  ['a bare object', BARE, '{"a": {"name": "time"}} ok', { text: '{"a": {"name": "time"}} ok', calls: [] }],
  ['an object after text', BARE, 'Say {"name": "time"}', { text: 'Say {"name": "time"}', calls: [] }],
  [
    'a list behind a control token that is not shown',
    LISTED,
    ' [{"name": "time", "arguments": {}}, {"name": "weather", "arguments": {"a": 2}}]',
    { text: '', calls: [call('time', '{}'), call('weather', '{"a": 2}')] },
    ['[TOOL_CALLS]'],
  ],
];

describe('CallReader', () => {
  it.each(CASES)('reads %s, however it is cut', (_, format, answer, expected, controls) => {
    const random = createRandom('calls');
    expect(read(format, answer, () => answer.length, controls)).toEqual(expected);
    expect(read(format, answer, () => 1, controls)).toEqual(expected);
    for (let round = 0; round < 50; round++) {
      expect(read(format, answer, () => 1 + Math.floor(random.next() * 7), controls)).toEqual(expected);
    }
  });
});
