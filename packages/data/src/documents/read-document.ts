import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { htmlText } from './html-text.ts';
import { pdfText } from './pdf-text.ts';

const READERS: Readonly<Record<string, (bytes: Uint8Array) => string | Promise<string>>> = {
  '.md': plainText,
  '.markdown': plainText,
  '.txt': plainText,
  '.html': (bytes) => htmlText(plainText(bytes)),
  '.htm': (bytes) => htmlText(plainText(bytes)),
  '.pdf': pdfText,
};

/** Endings of files that are documents: text to read, in place of rows. */
export const DOCUMENT_ENDINGS: readonly string[] = Object.keys(READERS);

/** A document is held in memory (largest known: a handbook of 60 MB in PDF). */
const LARGEST_BYTES = 256 * 2 ** 20;

export function isDocument(path: string): boolean {
  return DOCUMENT_ENDINGS.includes(extname(path).toLowerCase());
}

/**
 * The text of a Markdown, HTML, text or PDF file, with headings as lines that begin with `#`.
 *
 * @throws CogumiError DOCUMENT_UNREADABLE, DOCUMENT_EMPTY with the file and what to do; what the system says of the file.
 */
export async function readDocument(path: string): Promise<string> {
  const read = READERS[extname(path).toLowerCase()];
  if (!read) throw unreadable(path, `it is none of ${DOCUMENT_ENDINGS.join(', ')}`, 'Convert it to one of them.');
  const { size } = await stat(path);
  if (size > LARGEST_BYTES)
    throw unreadable(path, `it has ${size} bytes; a document has at most ${LARGEST_BYTES}`, 'Split it.');
  let text: string;
  try {
    text = await read(await readFile(path));
  } catch (cause) {
    const said = (cause as Error).message.split('\n')[0]?.slice(0, 200);
    const protectedBy = (cause as Error).name === 'PasswordException';
    const hint = protectedBy
      ? 'Save it without its password.'
      : 'Open it in a viewer; if it is whole, save it as text.';
    throw unreadable(path, protectedBy ? 'it is protected by a password' : String(said), hint, cause);
  }
  if (text.trim() !== '') return text;
  throw new CogumiError(
    'DOCUMENT_EMPTY',
    `${path} holds no text.`,
    'A scan holds pictures of text: run it through text recognition first (`ocrmypdf in.pdf out.pdf`).',
    { exitCode: EXIT.usage },
  );
}

/** @throws Error for bytes that are no UTF-8. */
function plainText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('it is not UTF-8 text', { cause });
  }
}

function unreadable(path: string, problem: string, hint: string, cause?: unknown): CogumiError {
  return new CogumiError('DOCUMENT_UNREADABLE', `${path} cannot be read as a document: ${problem}.`, hint, {
    cause,
    exitCode: EXIT.usage,
  });
}
