/** A part of a document that stands by itself. */
export interface Passage {
  /** Headings that it stands under, the outermost first. */
  readonly headings: readonly string[];
  readonly text: string;
}

const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;
const FENCE = /^\s*(```|~~~)/;
/** Shorter ones hold no fact to ask for: a page number, a line of a menu (chosen). */
const LEAST_CHARACTERS = 40;

/**
 * Cuts a document into passages: at headings, and a longer section between paragraphs, so that no passage is longer than it
 * may be unless one paragraph is. A longer paragraph is cut between sentences.
 *
 * @param mostCharacters - Of a passage, without its headings.
 */
export function splitPassages(document: string, mostCharacters: number): Passage[] {
  return sectionsOf(document.replaceAll('\r\n', '\n')).flatMap(({ headings, lines }) =>
    joinPieces(piecesOf(lines.join('\n'), mostCharacters), mostCharacters)
      .filter((text) => text.length >= LEAST_CHARACTERS)
      .map((text) => ({ headings, text })),
  );
}

interface Section {
  readonly headings: readonly string[];
  readonly lines: string[];
}

function sectionsOf(document: string): Section[] {
  let headings: { level: number; text: string }[] = [];
  let section: Section = { headings: [], lines: [] };
  const sections = [section];
  let fenced = false;
  for (const line of document.split('\n')) {
    if (FENCE.test(line)) fenced = !fenced;
    const [, marks, text] = (!fenced && HEADING.exec(line)) || [];
    if (marks === undefined || text === undefined) {
      section.lines.push(line);
      continue;
    }
    headings = [...headings.filter(({ level }) => level < marks.length), { level: marks.length, text }];
    section = { headings: headings.map((one) => one.text), lines: [] };
    sections.push(section);
  }
  return sections;
}

/** Paragraphs, and of one that is too long its sentences. */
function piecesOf(text: string, most: number): { text: string; gap: string }[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const whole = paragraph.trim();
    if (whole === '') return [];
    if (whole.length <= most) return [{ text: whole, gap: '\n\n' }];
    return whole.split(/(?<=[.!?])\s+/).map((sentence, at) => ({ text: sentence, gap: at === 0 ? '\n\n' : ' ' }));
  });
}

function joinPieces(pieces: readonly { text: string; gap: string }[], most: number): string[] {
  const passages: string[] = [];
  for (const { text, gap } of pieces) {
    const last = passages.at(-1);
    if (last !== undefined && last.length + gap.length + text.length <= most)
      passages[passages.length - 1] = last + gap + text;
    else passages.push(text);
  }
  return passages;
}
