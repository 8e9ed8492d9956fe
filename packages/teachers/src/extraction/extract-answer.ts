import type { ExampleCheck, Question } from '@cogumi/contracts';
import { firstJson } from '@cogumi/pure';
import type { CodingFacts } from '../procedural/coding/coding-tasks.ts';
import type { ToolFacts } from '../procedural/tool-use/check-call.ts';
import { choicesOf } from './choices-of.ts';
import { extractCall } from './extract-call.ts';
import { extractChoice } from './extract-choice.ts';
import { extractNumber } from './extract-number.ts';
import { extractProgram } from './extract-program.ts';
import { extractText } from './extract-text.ts';
import { extractVerdict } from './extract-verdict.ts';
import type { Extracted } from './extracted.ts';

/** Raise it when an answer is extracted otherwise: results that were scored by the rules before stop matching. */
export const EXTRACTION_VERSION = 2;

/** Finds the answer to a question within what a model said, in the form that its checker takes; null: there is none. */
export function extractAnswer(question: Question, answer: string): Extracted | null {
  if (question.example) return extractForCheck(question.example.check, answer);
  const { domain, task, facts } = question;
  if (domain === 'coding') return extractProgram(answer, (facts as unknown as CodingFacts).name);
  if (domain === 'tool_use') return extractCall(answer, facts as unknown as ToolFacts);
  if (domain === 'math') return extractNumber(answer);
  if (task === 'reasoning/syllogism') return extractVerdict(answer, ['yes', 'no']);
  if (task === 'reasoning/truth') return extractVerdict(answer, ['true', 'false']);
  const asked = choicesOf(question);
  const choice = asked && extractChoice(answer, { ...asked, question: question.question });
  // Where nothing was offered, what an answer says instead is its text.
  return choice === null && (asked === null || asked.choices.length === 1) ? extractText(answer) : choice;
}

/** Whether anything is extracted for a checker: others search the whole answer, or have a teacher read it. */
export function isExtracted({ example }: Question): boolean {
  return example === undefined || !['contains', 'regex', 'judge'].includes(example.check.kind);
}

function extractForCheck(check: ExampleCheck, answer: string): Extracted | null {
  switch (check.kind) {
    case 'exact':
      return extractText(answer);
    case 'number':
      return extractNumber(answer);
    case 'python-tests':
      return extractProgram(answer, null);
    case 'json-schema': {
      const found = firstJson(answer, { arrays: true });
      if (found === null) return null;
      return 'value' in found ? { text: found.text, complete: true } : { text: null, complete: false };
    }
    default:
      return null;
  }
}
