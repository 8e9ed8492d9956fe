import { PYTHON_SPACE } from '../scoring/python-text.ts';
import { asValue, compute, type Node, NoPython, numberOf, type PythonCall, withoutEscapes } from './expression.ts';
import { NONE, type PythonValue, str } from './values.ts';

const NAME = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy;
const NUMBER = /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?|\d+\./y;
/** Three quotes always begin a long text. */
const STRING =
  /([rRbBuU]{0,2})("""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|(?!""")"(?:[^"\\\n]|\\[\s\S])*"|(?!''')'(?:[^'\\\n]|\\[\s\S])*')/y;
const SPACE = new RegExp(`(?:[${PYTHON_SPACE}]|#[^\\n]*|\\\\\\n)*`, 'y');
/** Deeper expressions are refused, as Python's parser does (200 brackets). */
const MOST_NESTED = 100;

/**
 * Reads a list of calls as Python's parser does, or one call.
 *
 * @returns null for what is no expression, or holds something else than calls of literals.
 */
export function readCalls(text: string): PythonCall[] | null {
  try {
    return new Reader(text).calls();
  } catch (error) {
    if (error instanceof NoPython) return null;
    throw error;
  }
}

class Reader {
  #at = 0;
  #depth = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  calls(): PythonCall[] {
    this.#space();
    const open = this.#text[this.#at];
    const nodes = open === '[' || open === '(' ? this.#sequence(open === '[' ? ']' : ')').nodes : [this.#sum()];
    this.#space();
    if (this.#at < this.#text.length) throw new NoPython();
    return nodes.map((node) => {
      if (node.kind !== 'call') throw new NoPython();
      return node.call;
    });
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    this.#space();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #has(sign: string): boolean {
    this.#space();
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #need(sign: string): void {
    if (!this.#has(sign)) throw new NoPython();
  }

  #sum(): Node {
    let left = this.#product();
    for (;;) {
      const sign = this.#has('+') ? '+' : this.#has('-') ? '-' : null;
      if (sign === null) return left;
      left = compute(left, sign, this.#product());
    }
  }

  #product(): Node {
    let left = this.#signed();
    for (;;) {
      const sign = ['//', '*', '/', '%'].find((one) => this.#isSign(one)) ?? null;
      if (sign === null) return left;
      this.#need(sign);
      left = compute(left, sign, this.#signed());
    }
  }

  #isSign(sign: string): boolean {
    this.#space();
    return this.#text.startsWith(sign, this.#at) && !(sign === '*' && this.#text.startsWith('**', this.#at));
  }

  #signed(): Node {
    const sign = this.#take(/[+-]/y)?.[0];
    if (sign === undefined) return this.#power();
    // BFCL takes the negative of what stands behind any sign, which has to be a number itself.
    const { kind, text, ...rest } = this.#power();
    const value = kind === 'value' ? (rest as { value: PythonValue }).value : NONE;
    if (value.type !== 'int' && value.type !== 'float') throw new NoPython();
    return { kind: 'value', value: { ...value, value: -value.value }, text: `${sign}${text}` };
  }

  #power(): Node {
    const base = this.#trailed();
    return this.#has('**')
      ? compute(
          base,
          '**',
          this.#nested(() => this.#signed()),
        )
      : base;
  }

  #trailed(): Node {
    let node = this.#nested(() => this.#literal());
    for (;;) {
      if (node.kind === 'name' && this.#has('.')) node = { kind: 'name', text: `${node.text}.${this.#name()}` };
      else if (node.kind === 'name' && this.#has('(')) node = this.#call(node.text);
      else if (node.kind !== 'value' && this.#has('[')) {
        const index = this.#sum();
        this.#need(']');
        node = { kind: 'subscript', text: `${node.text}[${index.text}]` };
      } else return node;
    }
  }

  #name(): string {
    const name = this.#take(NAME)?.[0];
    if (name === undefined || KEYWORDS.has(name)) throw new NoPython();
    return name;
  }

  #call(name: string): Node {
    const named: (readonly [string, PythonValue])[] = [];
    const names = new Set<string>();
    const plain: string[] = [];
    while (!this.#has(')')) {
      const before = this.#at;
      const key = this.#take(NAME)?.[0];
      if (key !== undefined && !KEYWORDS.has(key) && this.#take(/=(?!=)/y)) {
        if (names.has(key)) throw new NoPython();
        names.add(key);
        named.push([key, asValue(this.#sum())]);
      } else {
        // An argument without a name must not follow one with a name.
        if (named.length > 0) throw new NoPython();
        this.#at = before;
        plain.push(this.#sum().text);
      }
      if (this.#has(',')) continue;
      this.#need(')');
      break;
    }
    return { kind: 'call', call: { name, arguments: named }, text: `${name}(${plain.join(', ')})` };
  }

  #nested(read: () => Node): Node {
    if (++this.#depth > MOST_NESTED) throw new NoPython();
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  #literal(): Node {
    const strings: string[] = [];
    let found = this.#take(STRING);
    const from = this.#at - (found?.[0].length ?? 0);
    let bytes = false;
    for (; found; found = this.#take(STRING)) {
      const [, prefix = '', quoted = ''] = found;
      const one = { raw: /r/i.test(prefix), bytes: /b/i.test(prefix) };
      if (strings.length > 0 && one.bytes !== bytes) throw new NoPython();
      bytes = one.bytes;
      const quotes = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1;
      strings.push(withoutEscapes(quoted.slice(quotes, -quotes), one));
    }
    if (strings.length > 0) {
      const value: PythonValue = { type: bytes ? 'bytes' : 'str', value: strings.join('') };
      return { kind: 'value', value, text: this.#text.slice(from, this.#at) };
    }
    if (this.#has('...')) return { kind: 'value', value: str('...'), text: '...' };
    this.#space();
    const open = this.#text[this.#at];
    if (open === '[') {
      const { nodes, text } = this.#sequence(']');
      return { kind: 'value', value: { type: 'list', items: nodes.map(asValue) }, text };
    }
    if (open === '(') {
      const { nodes, text, comma } = this.#sequence(')');
      if (nodes.length === 1 && !comma) return nodes[0] as Node;
      return { kind: 'value', value: { type: 'tuple', items: nodes.map(asValue) }, text };
    }
    if (open === '{') return this.#dictionary();
    const number = /[\d.]/.test(open ?? '') ? this.#take(NUMBER)?.[0] : undefined;
    if (number !== undefined) return { kind: 'value', value: numberOf(number, this.#text[this.#at]), text: number };
    const name = this.#take(NAME)?.[0];
    if (name === undefined) throw new NoPython();
    const constant = CONSTANTS.get(name);
    if (constant) return { kind: 'value', value: constant, text: name };
    if (KEYWORDS.has(name)) throw new NoPython();
    return { kind: 'name', text: name };
  }

  #sequence(close: string): { nodes: Node[]; text: string; comma: boolean } {
    const from = this.#at++;
    const nodes: Node[] = [];
    let comma = false;
    while (!this.#has(close)) {
      nodes.push(this.#sum());
      comma = this.#has(',');
      if (comma) continue;
      this.#need(close);
      break;
    }
    return { nodes, text: this.#text.slice(from, this.#at), comma };
  }

  #dictionary(): Node {
    const from = this.#at++;
    const entries: (readonly [PythonValue, PythonValue])[] = [];
    while (!this.#has('}')) {
      const key = asValue(this.#sum());
      this.#need(':');
      entries.push([key, asValue(this.#sum())]);
      if (this.#has(',')) continue;
      this.#need('}');
      break;
    }
    return { kind: 'value', value: { type: 'dict', entries }, text: this.#text.slice(from, this.#at) };
  }
}

const CONSTANTS = new Map<string, PythonValue>([
  ['True', { type: 'bool', value: true }],
  ['False', { type: 'bool', value: false }],
  ['None', NONE],
]);

const KEYWORDS = new Set(
  'True False None and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);
