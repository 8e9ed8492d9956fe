import type { ToolDefinition, ToolFormat } from '@cogumi/llama';
import type { Language } from '../format/gbnf.ts';

/** A function with the language of its arguments; null: any JSON object. */
export interface Tool extends ToolDefinition {
  readonly arguments: Language | null;
}

/** The functions of a request, and whether they have to be called. */
export interface ToolUse {
  readonly tools: readonly Tool[];
  /** `auto`: the model decides; `required`: it calls at least one function. */
  readonly choice: 'auto' | 'required';
  /** The only function that may be called; null: any. */
  readonly only: string | null;
  /** Whether several calls may be made at once. */
  readonly parallel: boolean;
}

/** Calls as models without a form of their own are asked to write them: that of Hermes and Qwen, which many models know. */
export const STATED_FORMAT: ToolFormat = {
  open: '<tool_call>\n',
  between: '\n</tool_call>\n<tool_call>\n',
  close: '\n</tool_call>',
  nameKey: 'name',
  argumentsKey: 'arguments',
  nameFirst: true,
};
