import type { Random } from '@cogumi/pure';
import { defineTask } from '../define-task.ts';
import type { Task } from '../task.ts';
import { checkCall, type ToolFacts } from './check-call.ts';
import { signature, type Tool, tools } from './tools.ts';

interface Content {
  readonly listing: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** One task per tool: easy questions show that tool only, hard ones show two others too. */
function toolFamily(tool: Tool): Task {
  const asked =
    (frame: (listing: string, request: string) => string, request: Tool['known'][number]) => (content: Content) =>
      frame(content.listing, request(content.values));
  const known = [
    (listing: string, request: string) => `Tools: ${listing}\n${request}`,
    (listing: string, request: string) => `${request}\nTools: ${listing}`,
    (listing: string, request: string) => `You have these tools: ${listing}\nRequest: ${request}`,
  ];
  const unseen = [
    (listing: string, request: string) => `Use one of the tools.\n${listing}\n${request}`,
    (listing: string, request: string) => `${request} You can call: ${listing}`,
  ];
  const name = (kind: string, frame: number, request: number) => `${kind}-${frame}-${request}`;
  return defineTask<Content>({
    name: `tool_use/${tool.name}`,
    known: Object.fromEntries(
      known.flatMap((frame, f) => tool.known.map((request, r) => [name('known', f, r), asked(frame, request)])),
    ),
    unseen: Object.fromEntries(
      unseen.flatMap((frame, f) => tool.unseen.map((request, r) => [name('unseen', f, r), asked(frame, request)])),
    ),
    make(random, difficulty) {
      const shown = difficulty === 'easy' ? [tool] : random.shuffle([tool, ...others(tool, random)]);
      const values = Object.fromEntries(
        Object.entries(tool.parameters).map(([parameter, { draw }]) => [parameter, draw(random)]),
      );
      const facts: ToolFacts = {
        kind: 'tool-call',
        tool: tool.name,
        arguments: values,
        tools: shown.map(({ name: shownName, parameters }) => ({
          name: shownName,
          parameters: Object.fromEntries(Object.entries(parameters).map(([parameter, { type }]) => [parameter, type])),
        })),
      };
      return {
        content: { listing: shown.map(signature).join('; '), values },
        answer: JSON.stringify({ tool: tool.name, arguments: values }),
        wrongAnswer: JSON.stringify({ tool: tool.name, arguments: wrongCall(tool, values) }),
        key: `${tool.name} ${Object.values(values).join(' ')}`,
        facts,
        reasoning: `The request is for ${tool.name}.`,
      };
    },
    check: (facts, answer) => checkCall(facts as unknown as ToolFacts, answer),
  });
}

function others(tool: Tool, random: Random): Tool[] {
  return random.sample(
    tools.filter(({ name }) => name !== tool.name),
    2,
  );
}

/** A typical mistake: a missing argument, or a number as text. */
function wrongCall(tool: Tool, values: Readonly<Record<string, string | number>>) {
  const [first, ...rest] = Object.entries(values);
  const number = Object.entries(tool.parameters).find(([, { type }]) => type === 'integer')?.[0];
  if (number) return { ...values, [number]: String(values[number]) };
  return Object.fromEntries(rest.length > 0 ? rest : first ? [first] : []);
}

export const toolUseTasks: readonly Task[] = tools.map(toolFamily);
