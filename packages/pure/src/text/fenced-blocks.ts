/** What stands between two code fences of an answer. */
export interface FencedBlock {
  /** The word behind the opening fence, in lower case: `python`; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** Whether the closing fence was reached: an answer that was cut has none. */
  readonly closed: boolean;
}

const FENCE = '```';
/** Blocks that are read, the first ones (chosen: an answer has one or two). */
const MOST_BLOCKS = 8;

/**
 * The code blocks of an answer in their order, at most eight. An opening fence may stand behind text (`Here: ```python`), a
 * closing one begins a line, and a block without one reaches to the end. A block may also stand in one line. Linear.
 */
export function fencedBlocks(answer: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  for (let at = answer.indexOf(FENCE); at !== -1 && blocks.length < MOST_BLOCKS; ) {
    const opened = afterBackticks(answer, at);
    const end = lineEnd(answer, opened);
    const inline = answer.indexOf(FENCE, opened);
    if (inline !== -1 && inline < end) {
      blocks.push({ language: '', text: answer.slice(opened, inline), closed: true });
      at = answer.indexOf(FENCE, afterBackticks(answer, inline));
      continue;
    }
    const close = answer.indexOf(`\n${FENCE}`, end);
    const language = answer.slice(opened, end).trim().toLowerCase();
    const text = answer.slice(end + 1, close === -1 ? answer.length : Math.max(close, end + 1));
    blocks.push({ language, text, closed: close !== -1 });
    at = close === -1 ? -1 : answer.indexOf(FENCE, afterBackticks(answer, close + 1));
  }
  return blocks;
}

function afterBackticks(text: string, from: number): number {
  let at = from;
  while (text[at] === '`') at++;
  return at;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
