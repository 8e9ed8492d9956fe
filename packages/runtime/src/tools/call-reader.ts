import type { ToolFormat } from '@cogumi/llama';
import { ObjectScanner } from './object-scanner.ts';

/** A part of a call that an answer makes. The name comes first, then the text of the arguments in pieces. */
export type CallPiece =
  | { readonly kind: 'call'; readonly call: number; readonly name: string }
  | { readonly kind: 'arguments'; readonly call: number; readonly text: string };

/** A part of an answer: text for the reader, or of a call. */
export type AnswerPart = { readonly kind: 'text'; readonly text: string } | CallPiece;

/**
 * Finds calls of functions in an answer as it grows, and holds back what may become one. What looks like a call but names no known
 * function is text.
 */
export class CallReader {
  readonly #open: string;
  /** What stands between and after calls. */
  readonly #marks: readonly string[];
  readonly #format: ToolFormat;
  readonly #names: ReadonlySet<string>;
  #held = '';
  #call: ObjectScanner | null = null;
  /** Characters of the call's arguments that were passed on; null: its name is not known yet. */
  #sent: number | null = null;
  #calls = 0;
  /** False once the answer has text: then a bare object is part of it. */
  #beginning = true;

  /** @param controlTexts - Names of control tokens, which no answer shows. */
  constructor(format: ToolFormat, names: readonly string[], controlTexts: readonly string[]) {
    const shown = (text: string) => controlTexts.reduce((rest, name) => rest.replaceAll(name, ''), text).trim();
    this.#format = format;
    this.#names = new Set(names);
    // Without a mark an object at the beginning of the answer may be a call.
    this.#open = shown(format.open);
    this.#marks = [shown(format.between), shown(format.close)].map(withoutSpaces).filter((mark) => mark !== '');
  }

  /** Number of calls so far. */
  get calls(): number {
    return this.#calls;
  }

  push(text: string): AnswerPart[] {
    this.#held += text;
    const parts: AnswerPart[] = [];
    while (this.#call ? this.#readCall(parts) : this.#readText(parts));
    return parts;
  }

  /** The rest of an answer that has ended. */
  end(): AnswerPart[] {
    const parts: AnswerPart[] = [];
    if (this.#call && this.#sent === null) this.#text(parts, this.#call.text);
    if (this.#calls === 0 || this.#held.trim() !== '') this.#text(parts, this.#held);
    this.#held = '';
    return parts;
  }

  /** @returns True if there may be more to read. */
  #readText(parts: AnswerPart[]): boolean {
    if (this.#calls > 0 && !this.#skipMarks()) return false;
    if (this.#call) return true;
    const at = this.#open === '' ? this.#bareStart() : this.#held.indexOf(this.#open);
    if (at >= 0) {
      this.#text(parts, this.#held.slice(0, at).trimEnd());
      this.#held = this.#held.slice(at + this.#open.length);
      this.#call = new ObjectScanner();
      this.#sent = null;
      return true;
    }
    const keep =
      this.#open === '' ? (this.#beginning && this.#held.trim() === '' ? this.#held.length : 0) : this.#maybe();
    this.#text(parts, this.#held.slice(0, this.#held.length - keep));
    this.#held = this.#held.slice(this.#held.length - keep);
    return false;
  }

  /** After a call only marks, another call, or text may follow. @returns False while that is not decided. */
  #skipMarks(): boolean {
    const held = withoutSpaces(this.#held);
    const mark = this.#marks.find((candidate) => held.startsWith(candidate));
    if (mark === undefined && (held === '' || this.#marks.some((candidate) => candidate.startsWith(held))))
      return false;
    if (mark !== undefined) this.#held = afterMark(this.#held, mark.length);
    if (!this.#held.trimStart().startsWith('{')) return true;
    this.#call = new ObjectScanner();
    this.#sent = null;
    return true;
  }

  #bareStart(): number {
    if (!this.#beginning) return -1;
    const [space = ''] = /^[\s[]*/.exec(this.#held) ?? [];
    return this.#held[space.length] === '{' ? space.length : -1;
  }

  /** Characters at the end that may begin a mark, with the space before it. */
  #maybe(): number {
    for (let length = Math.min(this.#held.length, this.#open.length - 1); length > 0; length--) {
      if (!this.#open.startsWith(this.#held.slice(-length))) continue;
      return length + this.#held.length - length - this.#held.slice(0, -length).trimEnd().length;
    }
    return this.#held.length - this.#held.trimEnd().length;
  }

  #readCall(parts: AnswerPart[]): boolean {
    const call = this.#call as ObjectScanner;
    if (this.#held === '' && call.state === 'open') return false;
    const rest = call.push(this.#held);
    this.#held = '';
    this.#passOn(call, parts);
    if (call.state === 'open') return false;
    this.#call = null;
    if (this.#sent === null) this.#text(parts, call.state === 'done' ? call.text : this.#open + call.text);
    this.#held = rest;
    return rest !== '';
  }

  #passOn(call: ObjectScanner, parts: AnswerPart[]): void {
    const { nameKey, argumentsKey } = this.#format;
    const name = call.values.get(nameKey);
    if (this.#sent === null && name && name.end >= 0) {
      const text = parsed(call.text.slice(name.start, name.end));
      if (typeof text === 'string' && this.#names.has(text)) {
        parts.push({ kind: 'call', call: this.#calls++, name: text });
        this.#beginning = false;
        this.#sent = 0;
      }
    }
    // Llama and Hermes use one of the two keys, and models mix them up.
    const place = call.values.get(argumentsKey) ?? call.values.get('arguments') ?? call.values.get('parameters');
    if (this.#sent === null) return;
    if (!place) {
      if (call.state === 'done') parts.push({ kind: 'arguments', call: this.#calls - 1, text: '{}' });
      return;
    }
    const written = call.text.slice(place.start + this.#sent, place.end >= 0 ? place.end : undefined);
    this.#sent += written.length;
    const text = place.end >= 0 ? written.trimEnd() : written;
    if (text !== '') parts.push({ kind: 'arguments', call: this.#calls - 1, text });
  }

  #text(parts: AnswerPart[], text: string): void {
    if (text === '') return;
    this.#beginning = false;
    parts.push({ kind: 'text', text });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Models put other spaces between marks than their templates do. */
function withoutSpaces(text: string): string {
  return text.replace(/\s+/g, '');
}

/** What follows so many characters that are no spaces. */
function afterMark(text: string, characters: number): string {
  let at = 0;
  for (let left = characters; left > 0; at++) if (!/\s/.test(text[at] as string)) left--;
  return text.slice(at);
}
