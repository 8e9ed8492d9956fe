import { extractText, getDocumentProxy } from 'unpdf';

/** The text of a PDF, a blank line between pages. It has no headings: sizes of letters are not read. */
export async function pdfText(bytes: Uint8Array): Promise<string> {
  // The reader takes the buffer over, and a Buffer of Node may share it with others.
  const document = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
  const { text } = await extractText(document, { mergePages: false });
  return text.join('\n\n');
}
