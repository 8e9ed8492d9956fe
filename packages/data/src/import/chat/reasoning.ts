import { type Fields, isFields } from '../shapes/shape.ts';

/** An answer without the reasoning before, in or after it; `reasoning` is null if there is none. */
export interface Reasoned {
  readonly text: string;
  readonly reasoning: string | null;
}

/** Fields of a turn or record that hold the reasoning behind an answer, in lower case. */
const FIELDS = new Set([
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking',
  'thought',
  'thoughts',
  'chain_of_thought',
  'cot',
  'complex_cot',
]);

/** What opens and closes reasoning in a text: of DeepSeek and Qwen, Claude, Gemini, Magistral, Kimi and OpenThoughts. */
const MARKS: readonly (readonly [string, string])[] = [
  ...['think', 'thinking', 'thought', 'reasoning'].map((name) => [`<${name}>`, `</${name}>`] as const),
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
];
const CLOSE_OF: ReadonlyMap<string, string> = new Map(MARKS);
const quoted = (text: string) => text.replaceAll(/[[\]|/]/g, '\\$&');
const ANY_MARK = new RegExp(MARKS.flat().map(quoted).join('|'), 'i');
/** A mark, or code, in which a mark is only talked about: a fenced block, also one that never ends, or a span in one line. */
const MARK_OR_CODE = new RegExp(
  `^ {0,3}\`\`\`[\\s\\S]*?(?:^ {0,3}\`\`\`|$(?![\\s\\S]))|\`[^\`\\n]+\`|${ANY_MARK.source}`,
  'gim',
);
/** OpenThoughts marks the answer too. */
const SOLUTION = /^<\|begin_of_solution\|>([\s\S]*?)(?:<\|end_of_solution\|>)?$/;

/**
 * Separates the reasoning from an answer: what marks enclose, from an opening mark at the start of a line that is never closed
 * to the end, and up to a closing mark at the end of a line that was never opened (templates of DeepSeek write the opening).
 * Marks in code are text.
 */
export function separateReasoning(text: string): Reasoned {
  if (!ANY_MARK.test(text)) return { text, reasoning: null };
  const reasons: string[] = [];
  let kept: string[] = [];
  let at = 0;
  // Each mark is looked for to the end of the text only once in vain.
  const unclosed = new Set<string>();
  for (let found = nextMark(text, 0); found; found = nextMark(text, Math.max(at, found.end))) {
    const { start, end, mark } = found;
    const close = CLOSE_OF.get(mark);
    const closing = close === undefined || unclosed.has(mark) ? null : find(close, text, end);
    if (!closing) unclosed.add(mark);
    if (closing || (close !== undefined && startsLine(text, start))) {
      kept.push(text.slice(at, start));
      reasons.push(text.slice(end, closing?.start));
      at = closing?.end ?? text.length;
    } else if (close === undefined && endsLine(text, end)) {
      reasons.push(joinParts([...kept, text.slice(at, start)]));
      kept = [];
      at = end;
    }
  }
  if (reasons.length === 0) return { text, reasoning: null };
  const rest = joinParts([...kept, text.slice(at)]).trim();
  return { text: SOLUTION.exec(rest)?.[1]?.trim() ?? rest, reasoning: joinReasoning(reasons) };
}

/** The reasoning in the fields of a turn or record; null if there is none. */
export function reasoningIn(fields: Fields): string | null {
  return joinReasoning(Object.keys(fields).map((name) => (FIELDS.has(name.toLowerCase()) ? textIn(fields[name]) : '')));
}

/** Pieces of reasoning as one text, each once; null if all are empty. */
export function joinReasoning(pieces: readonly (string | null)[]): string | null {
  const whole = new Set(pieces.map((piece) => piece?.trim() ?? '').filter((piece) => piece !== ''));
  return whole.size === 0 ? null : [...whole].join('\n\n');
}

/** Text at any depth of a reasoning field: OpenRouter and the Responses API have lists of summaries, Mistral lists of texts. */
export function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return value
      .map(textIn)
      .filter((text) => text !== '')
      .join('\n');
  return isFields(value)
    ? textIn(value.text ?? value.thinking ?? value.summary ?? value.content ?? value.reasoning)
    : '';
}

interface Mark {
  readonly start: number;
  readonly end: number;
  /** In lower case. */
  readonly mark: string;
}

function nextMark(text: string, from: number): Mark | null {
  const pattern = new RegExp(MARK_OR_CODE);
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const mark = match[0].toLowerCase();
    if (!mark.includes('`')) return { start: match.index, end: pattern.lastIndex, mark };
  }
  return null;
}

function find(mark: string, text: string, from: number): Mark | null {
  const pattern = new RegExp(quoted(mark), 'gi');
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match && { start: match.index, end: pattern.lastIndex, mark };
}

function startsLine(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || text[before] === '\n';
}

function endsLine(text: string, at: number): boolean {
  return /^[ \t]*(\r?\n|$(?![\s\S]))/.test(text.slice(at, at + 200));
}

/** The parts of an answer between which reasoning was taken out, as one text. */
function joinParts(parts: readonly string[]): string {
  const said = parts.filter((part) => part.trim() !== '');
  return said
    .map((part, at) => {
      const next = said[at + 1];
      const own = at === 0 ? part : part.replace(/^\s*\n|^[ \t]+/, '');
      if (next === undefined) return own;
      const gap = part.slice(part.trimEnd().length) + next.slice(0, next.length - next.trimStart().length);
      const glue = /\n\s*\n/.test(gap) ? '\n\n' : gap.includes('\n') ? '\n' : ' ';
      return own.trimEnd() + glue;
    })
    .join('');
}
