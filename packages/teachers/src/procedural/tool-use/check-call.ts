import { Ajv } from 'ajv';
import { wrong } from '../define-task.ts';
import type { Judgement } from '../task.ts';

/** What a call is judged by: the tools that were offered and the one call that does what was asked. */
export type ToolFacts = {
  kind: 'tool-call';
  tool: string;
  arguments: Record<string, string | number>;
  tools: { name: string; parameters: Record<string, 'string' | 'integer'> }[];
};

/** Longest call that is parsed; the generators' own are below 150 characters. */
const LONGEST_CALL = 2000;

const ajv = new Ajv({ strict: true });
const compiled = new Map<string, ReturnType<Ajv['compile']>>();

/** Right when the answer is one JSON object that fits the offered tool's schema and says what was asked. */
export function checkCall(facts: ToolFacts, answer: string): Judgement {
  if (answer.length > LONGEST_CALL) return wrong(`${answer.length} characters are no tool call`);
  let call: { tool?: unknown; arguments?: Record<string, unknown> };
  try {
    call = JSON.parse(answer) as typeof call;
  } catch {
    return wrong(`not JSON: ${answer.slice(0, 80)}`);
  }
  if (!validator(facts)(call)) {
    return wrong(`does not fit the schema of the tools: ${ajv.errorsText(validator(facts).errors).slice(0, 120)}`);
  }
  if (call.tool !== facts.tool) return wrong(`wanted the tool ${facts.tool}, got ${String(call.tool)}`);
  for (const [name, value] of Object.entries(facts.arguments)) {
    if (call.arguments?.[name] !== value) {
      return wrong(
        `${name}: wanted ${JSON.stringify(value)}, got ${JSON.stringify(call.arguments?.[name])?.slice(0, 60)}`,
      );
    }
  }
  return { correct: true };
}

/** JSON Schema of a call to any of the tools, compiled once a set of tools. */
function validator({ tools }: ToolFacts) {
  const key = JSON.stringify(tools);
  let validate = compiled.get(key);
  if (!validate) {
    validate = ajv.compile({
      type: 'object',
      oneOf: tools.map(({ name, parameters }) => ({
        type: 'object',
        properties: {
          tool: { const: name },
          arguments: {
            type: 'object',
            properties: Object.fromEntries(
              Object.entries(parameters).map(([parameter, type]) => [parameter, { type }]),
            ),
            required: Object.keys(parameters),
            additionalProperties: false,
          },
        },
        required: ['tool', 'arguments'],
        additionalProperties: false,
      })),
    });
    compiled.set(key, validate);
  }
  return validate;
}
