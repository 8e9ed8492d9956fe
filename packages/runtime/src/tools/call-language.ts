import type { ToolFormat } from '@cogumi/llama';
import { choice, type Language, literal, type Node, repeat, rule, sequence } from '../format/gbnf.ts';
import { JSON_RULES } from '../format/json-values.ts';
import type { Tool, ToolUse } from './tool-use.ts';

/** Most calls of one answer after the first (chosen): a small model may repeat itself for ever. */
const MOST_MORE_CALLS = 15;

/** Answers that call functions in a format: one, or several where the format has room for them and the request allows it. */
export function callLanguage({ tools: all, only, parallel }: ToolUse, format: ToolFormat): Language {
  const tools = only === null ? all : all.filter(({ name }) => name === only);
  const rules = new Map([...JSON_RULES, ...tools.flatMap((tool) => [...(tool.arguments?.rules ?? [])])]);
  const call = choice(tools.map((tool) => oneCall(tool, format))) as Node;
  const several = parallel && format.between !== '';
  const more = several ? repeat(sequence(literal(format.between), call), 0, MOST_MORE_CALLS) : literal('');
  return { root: sequence(literal(format.open), call, more, literal(format.close)), rules };
}

function oneCall({ name, arguments: language }: Tool, { nameKey, argumentsKey, nameFirst }: ToolFormat): Node {
  const pairs = [
    literal(`${JSON.stringify(nameKey)}: ${JSON.stringify(name)}`),
    sequence(literal(`${JSON.stringify(argumentsKey)}: `), language?.root ?? rule('object')),
  ];
  const [first, second] = (nameFirst ? pairs : pairs.toReversed()) as [Node, Node];
  return sequence(literal('{'), first, literal(', '), second, literal('}'));
}
