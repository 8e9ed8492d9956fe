import { isTooDeep, parseExactJson } from '@cogumi/pure';
import { type Fields, isFields, type Rejection } from '../shapes/shape.ts';

/** The tools of a chat: names, and each as its record describes it. */
export type Tools = readonly (readonly [string, Fields])[];

/** Names that no tool of a map from name to description has: they are the fields of one description. */
const FIELDS_OF_A_TOOL = new Set([
  'type',
  'description',
  'function',
  'parameters',
  'properties',
  'required',
  'input_schema',
]);

/**
 * Reads descriptions of tools: a list of them or one, in the form of OpenAI, Anthropic or Gemini, a map from name to
 * description or schema, names only, and any of these as JSON text. Null, empty texts, lists and maps are no tools.
 *
 * @param given - The fields of a record that may hold tools.
 */
export function readTools(given: readonly unknown[]): Tools | Rejection {
  const found = collect(given.map(toolsIn));
  if (typeof found === 'string') return { code: 'bad-tools', reason: `has tools that cannot be read: ${found}` };
  // The same tool may be described for the chat and in its system turn.
  return [...new Map(found.map((tool) => [JSON.stringify(tool), tool])).values()];
}

/** The line of a system prompt that lists tools; empty without tools. */
export function listTools(tools: Tools): string {
  return tools.length === 0 ? '' : `You have these tools: ${JSON.stringify(tools.map(([, tool]) => tool))}`;
}

/** @returns Tools by name, or why they cannot be read. */
function toolsIn(value: unknown): Tools | string {
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return toolsInText(value.trim());
  if (Array.isArray(value)) return collect(value.map((item) => nameIn(item) ?? toolsIn(item)));
  if (isFields(value)) return toolsInObject(value);
  return `${typeof value} ${String(value).slice(0, 40)}`;
}

/** A tool in a list of names. */
function nameIn(item: unknown): Tools | null {
  return typeof item === 'string' && /^[A-Za-z_][\w.-]{0,127}$/.test(item) ? [[item, { name: item }]] : null;
}

function toolsInText(text: string): Tools | string {
  if (text === '' || text === 'null') return [];
  // Several objects may follow each other, with commas or on lines of their own.
  for (const json of [text, `[${text}]`, `[${text.replaceAll(/\}\s*\n\s*\{/g, '},{')}]`]) {
    try {
      const parsed = parseExactJson(json);
      return isTooDeep(parsed) ? short(text) : toolsIn(parsed);
    } catch {}
  }
  return short(text);
}

function toolsInObject(value: Fields): Tools | string {
  const inner = isFields(value.function) ? value.function : value;
  if (typeof inner.name === 'string' && inner.name.trim() !== '') return [[inner.name.trim(), value]];
  const list = [value.tools, value.functions, value.functionDeclarations, value.function_declarations].find(
    Array.isArray,
  );
  if (list) return toolsIn(list);
  const entries = Object.entries(value).filter(([, tool]) => tool !== null);
  if (entries.some(([name, tool]) => FIELDS_OF_A_TOOL.has(name) || !(isFields(tool) || typeof tool === 'string')))
    return `a tool without a name, with the fields ${Object.keys(value).slice(0, 10).join(', ')}`;
  return entries.map(([name, tool]) => [name, namedTool(name, tool as Fields | string)]);
}

/** A tool of a map from name to description: a text, a JSON Schema of its parameters, or a description without name. */
function namedTool(name: string, tool: Fields | string): Fields {
  if (typeof tool === 'string') return { name, description: tool };
  if (isFields(tool.function)) return { ...tool, function: { name, ...tool.function } };
  const schema = tool.type === 'object' || isFields(tool.properties);
  return schema ? { name, parameters: tool } : { name, ...tool };
}

function collect(parts: readonly (Tools | string)[]): Tools | string {
  return parts.find((part) => typeof part === 'string') ?? (parts as readonly Tools[]).flat();
}

function short(text: string): string {
  return `text that is not JSON: ${JSON.stringify(text.slice(0, 60))}`;
}
