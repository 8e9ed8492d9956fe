import { fencedBlocks } from '@cogumi/pure';
import type { Extracted } from './extracted.ts';

/** A line that a Python program begins with or goes on with after a function. */
const PROGRAM = /^(?:async def|def|class|import|from)\s|^@/;
/** A line that a function begins with. */
const FUNCTION = /^(?:async def|def)\s/;
/** A line that goes on: indented, empty, or a bracket that closes. */
const GOES_ON = /^(?:\s|[)\]}]|$)/;

/**
 * The program in an answer: the first code block that defines the function (or the first block), or without a block the lines from
 * the first definition on. Both end where HumanEval's stop sequences end them: at the first line behind a function that begins
 * at the margin and defines nothing, such as a test, a `print` or prose.
 *
 * @param name - Of the function that the answer has to define; null: any.
 * @see Chen et al. 2021, arXiv:2107.03374 (stop sequences); EvalPlus takes code out of fences in the same way.
 */
export function extractProgram(answer: string, name: string | null): Extracted | null {
  const blocks = fencedBlocks(answer);
  const defines = (text: string) => name === null || text.includes(`def ${name}`);
  const block = blocks.find(({ text }) => defines(text)) ?? blocks[0];
  const lines = (block?.text ?? answer).split('\n');
  const from = lines.findIndex((line) => PROGRAM.test(line));
  if (from === -1) return block ? { text: block.text, complete: block.closed } : null;
  let end = from;
  for (let inFunction = false; end < lines.length; end++) {
    const line = lines[end] as string;
    if (FUNCTION.test(line)) inFunction = true;
    else if (inFunction && !GOES_ON.test(line) && !PROGRAM.test(line)) break;
  }
  return {
    text: lines.slice(from, end).join('\n').trimEnd(),
    complete: end < lines.length || (block?.closed ?? false),
  };
}
