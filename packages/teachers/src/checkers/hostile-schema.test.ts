import { processorMs, slowness } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { judgeJsonSchema, schemaProblem } from './json-schema.ts';
import { judgeRegex } from './regex.ts';

const judge = (schema: unknown, answer: string) => judgeJsonSchema({ schema }, answer).correct;

describe('a JSON Schema of somebody else', () => {
  it('is refused when it is asynchronous: its promise would make every answer right', () => {
    expect(schemaProblem({ $async: true, type: 'string' })).toContain('asynchronous');
    expect(judge({ $async: true, type: 'string' }, '1')).toBe(false);
  });

  it('may describe a tree by a reference to itself', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#' } }, additionalProperties: false };
    expect(judge(tree, '{"child":{"child":{}}}')).toBe(true);
    expect(judge(tree, '{"child":{"leaf":1}}')).toBe(false);
  });

  it('makes an answer wrong, and costs a quarter of a second at most, when it never ends', () => {
    const cycle = {
      definitions: { a: { anyOf: [{ $ref: '#/definitions/a' }] } },
      allOf: [{ $ref: '#/definitions/a' }],
    };
    const branches = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => {
        const next = { $ref: `#/definitions/d${at + 1}` };
        return [`d${at}`, { anyOf: [next, next] }];
      }),
    );
    const bombs: [unknown, string][] = [
      [cycle, '1'],
      [{ type: 'string', pattern: '^(a+)+$' }, `"${'a'.repeat(60)}!"`],
      [{ definitions: { ...branches, d40: { type: 'string' } }, $ref: '#/definitions/d0' }, '1'],
    ];
    for (const [schema, answer] of bombs) {
      // Compiling included.
      expect(processorMs(() => expect(judge(schema, answer)).toBe(false)) / slowness()).toBeLessThan(5000);
    }
  });
});

describe('a pattern of somebody else', () => {
  it('is stopped when it backtracks without end', () => {
    expect(judgeRegex({ pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`)).toMatchObject({
      correct: false,
      reason: expect.stringContaining('within 250 ms'),
    });
  });
});
