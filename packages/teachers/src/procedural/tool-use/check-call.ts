import { Ajv } from 'ajv';
import { wrong } from '../define-task.ts';
import type { Judgement } from '../task.ts';

/** The offered tools and the one correct call. */
export type ToolFacts = {
  kind: 'tool-call';
  tool: string;
  arguments: Record<string, string | number>;
  tools: { name: string; parameters: Record<string, 'string' | 'integer'> }[];
};

/** Characters of the longest call that is parsed (chosen); the tasks' own have less than 150. */
const LONGEST_CALL = 2000;

const ajv = new Ajv({ strict: true });
const compiled = new Map<string, ReturnType<Ajv['compile']>>();

/** Correct when the answer is one JSON object that matches the schema of an offered tool and equals the expected call. */
export function checkCall(facts: ToolFacts, answer: string): Judgement {
  if (answer.length > LONGEST_CALL)
    return wrong(`the call has ${answer.length} characters; at most ${LONGEST_CALL} are parsed`);
  let call: { tool?: unknown; arguments?: Record<string, unknown> } | null;
  try {
    call = JSON.parse(answer) as typeof call;
  } catch {
    return wrong(`not JSON: ${answer.slice(0, 80)}`);
  }
  const named = typeof call?.tool === 'string' ? call.tool.slice(0, 60) : 'no tool';
  const tool = facts.tools.find(({ name }) => name === call?.tool);
  if (!call || !tool)
    return wrong(`names ${named}, but only ${facts.tools.map(({ name }) => name).join(', ')} can be called`);
  const matches = validator(tool);
  if (!matches(call))
    return wrong(`does not match the schema of ${tool.name}: ${ajv.errorsText(matches.errors).slice(0, 120)}`);
  if (call.tool !== facts.tool) return wrong(`expected the tool ${facts.tool}, got ${named}`);
  for (const [name, value] of Object.entries(facts.arguments)) {
    if (call.arguments?.[name] !== value) {
      return wrong(
        `${name}: expected ${JSON.stringify(value)}, got ${JSON.stringify(call.arguments?.[name])?.slice(0, 60)}`,
      );
    }
  }
  return { correct: true };
}

/** JSON Schema of a call to a tool, compiled once. */
function validator(tool: ToolFacts['tools'][number]) {
  const key = JSON.stringify(tool);
  let validate = compiled.get(key);
  if (!validate) {
    const { name, parameters } = tool;
    validate = ajv.compile({
      type: 'object',
      properties: {
        tool: { const: name },
        arguments: {
          type: 'object',
          properties: Object.fromEntries(Object.entries(parameters).map(([parameter, type]) => [parameter, { type }])),
          required: Object.keys(parameters),
          additionalProperties: false,
        },
      },
      required: ['tool', 'arguments'],
      additionalProperties: false,
    });
    compiled.set(key, validate);
  }
  return validate;
}
