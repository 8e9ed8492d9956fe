import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isDocument, readDocument } from './read-document.ts';
import { splitPassages } from './split-passages.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-documents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** A PDF of one page by hand, as its specification has it (ISO 32000-1, annex H.3). */
function pdfOf(text: string): string {
  const stream = `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const at = file.length;
  return `${file}xref\n0 6\n0000000000 65535 f \n${offsets.join('')}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
}

describe('readDocument', () => {
  it('gives Markdown and text as they are', async () => {
    expect(await readDocument(write('a.md', '# Shelves\n\nA shelf holds notes.\n'))).toBe(
      '# Shelves\n\nA shelf holds notes.\n',
    );
  });

  it('gives the text of a page, with headings, lists and tables, and without navigation and scripts', async () => {
    const page = `<html><head><title>T</title><script>let x = "hidden";</script><style>p { color: red }</style></head>
      <body><nav><a href="/">Home</a></nav><h1>Quillbox</h1><p>A <b>shelf</b> holds notes &amp; lists.</p>
      <h2>Sync</h2><ul><li>Every minute</li></ul><table><tr><th>Plan</th><th>Price</th></tr><tr><td>Plus</td><td>4</td></tr></table>
      <footer>Imprint</footer></body></html>`;
    const text = await readDocument(write('a.html', page));
    expect(text).toContain('# Quillbox\n\nA shelf holds notes & lists.\n\n## Sync');
    for (const part of ['Every minute', 'Plan', 'Plus']) expect(text).toContain(part);
    for (const part of ['hidden', 'color', 'Home', 'Imprint']) expect(text).not.toContain(part);
  });

  it('gives the text of a PDF', async () => {
    expect(await readDocument(write('a.PDF', pdfOf('A shelf holds two hundred notes.')))).toContain(
      'A shelf holds two hundred notes.',
    );
  });

  it.each([
    ['a PDF that is none', 'broken.pdf', 'no pdf', 'DOCUMENT_UNREADABLE'],
    ['bytes that are no text', 'latin.txt', Uint8Array.of(0xe4, 0xff), 'DOCUMENT_UNREADABLE'],
    ['a PDF without text, such as a scan', 'scan.pdf', pdfOf(''), 'DOCUMENT_EMPTY'],
    ['another ending', 'a.docx', 'x', 'DOCUMENT_UNREADABLE'],
  ])('refuses %s by name', async (_, name, content, code) => {
    await expect(readDocument(write(name, content))).rejects.toMatchObject({
      ...{ code, exitCode: 3, message: expect.stringContaining(name) },
    });
  });

  it('knows documents by their ending', () => {
    expect(['a.md', 'b.HTML', 'c.pdf', 'd.jsonl', 'e.csv'].filter(isDocument)).toEqual(['a.md', 'b.HTML', 'c.pdf']);
  });
});

describe('splitPassages', () => {
  const long = 'Every note has a colour. '.repeat(8).trim();

  it('cuts at headings, keeps those above, and leaves code alone', () => {
    const document = `# Quillbox\n\n${long}\n\n## Shelves\n\n${long}\n\n\`\`\`\n# no heading, and long enough to be kept\n\`\`\`\n\n# Other\n\n${long}`;
    expect(splitPassages(document, 1000).map(({ headings }) => headings)).toEqual([
      ['Quillbox'],
      ['Quillbox', 'Shelves'],
      ['Other'],
    ]);
  });

  it('cuts long sections between paragraphs, and a long paragraph between sentences; nothing is lost', () => {
    const document = [long, long, `${long} ${long} ${long}`].join('\n\n');
    const passages = splitPassages(document, 420);
    expect(passages.every(({ text }) => text.length <= 420)).toBe(true);
    const words = (text: string) => text.split(/\s+/).filter(Boolean);
    expect(passages.flatMap(({ text }) => words(text))).toEqual(words(document));
  });
});
