/**
 * A grammar in llama.cpp's notation (GBNF) as a tree. `null` in place of a node: no text matches.
 * `terminal`: a literal or a class of characters, written as GBNF.
 */
export type Node =
  | { readonly kind: 'terminal'; readonly text: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number | null }
  | { readonly kind: 'rule'; readonly name: string };

/** Rules by name. A rule whose body is null is still being made. */
export type Rules = Map<string, Node | null>;

/** What texts a grammar matches: those of `root`. */
export interface Language {
  readonly root: Node;
  readonly rules: Rules;
}

export const EMPTY: Node = { kind: 'sequence', parts: [] };

export function literal(text: string): Node {
  return text === '' ? EMPTY : { kind: 'terminal', text: `"${escapeText(text, '"')}"` };
}

/**
 * One of several texts, distinguished character by character: a token is tried with every alternative that may come next, so texts that
 * begin alike are one until they differ.
 */
export function oneOf(texts: readonly string[]): Node | null {
  return choice(branches([...new Set(texts)].sort().map((text) => [...text])));
}

/** @param texts - Different, and sorted. */
function branches(texts: readonly (readonly string[])[]): Node[] {
  const nodes: Node[] = [];
  for (let from = 0; from < texts.length; ) {
    const [first] = texts[from] as readonly string[];
    let to = from + 1;
    while (to < texts.length && texts[to]?.[0] === first) to++;
    const group = texts.slice(from, to);
    if (first === undefined) nodes.push(EMPTY);
    else {
      const [one = [], last = []] = [group[0], group.at(-1)];
      let shared = 1;
      while (shared < one.length && one[shared] === last[shared]) shared++;
      const prefix = literal(one.slice(0, shared).join(''));
      const rest = branches(group.length === 1 ? [] : group.map((text) => text.slice(shared)));
      nodes.push(rest.length === 0 ? prefix : sequence(prefix, choice(rest) as Node));
    }
    from = to;
  }
  return nodes;
}

/** A class of characters in GBNF, such as `[0-9]`. */
export function characters(text: string): Node {
  return { kind: 'terminal', text };
}

export function sequence(...parts: readonly Node[]): Node {
  return parts.length === 1 ? (parts[0] as Node) : { kind: 'sequence', parts };
}

export function choice(parts: readonly Node[]): Node | null {
  if (parts.length === 0) return null;
  return parts.length === 1 ? (parts[0] as Node) : { kind: 'choice', parts };
}

export function repeat(part: Node, min: number, max: number | null): Node {
  if (max === 0) return EMPTY;
  return min === 1 && max === 1 ? part : { kind: 'repeat', part, min, max };
}

export function optional(part: Node): Node {
  return repeat(part, 0, 1);
}

export function rule(name: string): Node {
  return { kind: 'rule', name };
}

/** The grammar as text. `root` is what a whole answer has to match. */
export function writeGrammar({ root, rules }: Language): string {
  const lines = [...rules].map(([name, body]) => `${name} ::= ${write(body as Node)}`);
  return [`root ::= ${write(root)}`, ...lines, ''].join('\n');
}

function write(node: Node): string {
  switch (node.kind) {
    case 'terminal':
      return node.text;
    case 'rule':
      return node.name;
    case 'sequence':
      return node.parts.length === 0 ? '""' : `(${node.parts.map(write).join(' ')})`;
    case 'choice':
      return `(${node.parts.map(write).join(' | ')})`;
    case 'repeat':
      return `${write(node.part)}${count(node.min, node.max)}`;
  }
}

function count(min: number, max: number | null): string {
  if (min === 0 && max === null) return '*';
  if (min === 1 && max === null) return '+';
  if (min === 0 && max === 1) return '?';
  if (max === null) return `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** The sum of the bounds of all repetitions. */
export function countRepeats(node: Node): number {
  switch (node.kind) {
    case 'repeat':
      return (node.max ?? node.min) + countRepeats(node.part);
    case 'choice':
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + countRepeats(part), 0);
    default:
      return 0;
  }
}

/** Names of rules from which no finite text can be made, such as an object that has to contain itself. */
export function endlessRules(rules: Rules): string[] {
  const finite = new Set<string>();
  const ends = (node: Node): boolean => {
    switch (node.kind) {
      case 'terminal':
        return true;
      case 'rule':
        return finite.has(node.name);
      case 'sequence':
        return node.parts.every(ends);
      case 'choice':
        return node.parts.some(ends);
      case 'repeat':
        return node.min === 0 || ends(node.part);
    }
  };
  for (let before = -1; before !== finite.size; ) {
    before = finite.size;
    for (const [name, body] of rules) if (body && ends(body)) finite.add(name);
  }
  return [...rules.keys()].filter((name) => !finite.has(name));
}

/** A character of a class or a literal in GBNF. @param special - Characters that have a meaning there, besides the backslash. */
export function escapeText(text: string, special: string): string {
  let escaped = '';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === '\\' || special.includes(character)) escaped += `\\${character}`;
    else if (code >= 0x20 && code < 0x7f) escaped += character;
    else if (code < 0x10000) escaped += `\\u${code.toString(16).padStart(4, '0')}`;
    else escaped += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return escaped;
}
