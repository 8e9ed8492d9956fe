import type { Node, Rules } from '../format/gbnf.ts';

/** Characters that classes are filled from: of one to four bytes, with those that JSON escapes. */
const POOL = [...'abefz09 1234567890ABCDEFTZ.+-_"\\/nrtu\t\n\u007féÿ汉🦙\u2028'];

/** Texts that a grammar matches, made at random. @param random - From 0 to below 1. */
export function randomText(root: Node, rules: Rules, random: () => number): string {
  let steps = 0;
  const least = shortestTexts(rules);
  const make = (node: Node): string => {
    steps++;
    switch (node.kind) {
      case 'terminal':
        return fill(node.text, random);
      case 'sequence':
        return node.parts.map(make).join('');
      case 'rule':
        return make(rules.get(node.name) as Node);
      case 'choice': {
        // After many steps only the shortest way leads out of recursion.
        if (steps > 300)
          return make(node.parts.toSorted((one, other) => depth(one, least) - depth(other, least))[0] as Node);
        return make(node.parts[Math.floor(random() * node.parts.length)] as Node);
      }
      case 'repeat': {
        const most = Math.min(node.max ?? node.min + 4, node.min + 4);
        const count = steps > 300 ? node.min : node.min + Math.floor(random() * (most - node.min + 1));
        return Array.from({ length: count }, () => make(node.part)).join('');
      }
    }
  };
  return make(root);
}

/** Whether a grammar matches a text. */
export function matches(root: Node, rules: Rules, text: string): boolean {
  const memo = new Map<string, ReadonlySet<number>>();
  const from = (node: Node, at: number): ReadonlySet<number> => {
    switch (node.kind) {
      case 'terminal': {
        const end = endOf(node.text, text, at);
        return new Set(end === null ? [] : [end]);
      }
      case 'choice':
        return new Set(node.parts.flatMap((part) => [...from(part, at)]));
      case 'sequence': {
        let places: ReadonlySet<number> = new Set([at]);
        for (const part of node.parts) places = new Set([...places].flatMap((place) => [...from(part, place)]));
        return places;
      }
      case 'repeat': {
        const reached = new Set<number>(node.min === 0 ? [at] : []);
        let places: ReadonlySet<number> = new Set([at]);
        for (let count = 1; places.size > 0 && count <= (node.max ?? text.length + 1); count++) {
          places = new Set([...places].flatMap((place) => [...from(node.part, place)]));
          if (count >= node.min) for (const place of places) reached.add(place);
        }
        return reached;
      }
      case 'rule': {
        const key = `${node.name} ${at}`;
        const known = memo.get(key);
        if (known) return known;
        const places = from(rules.get(node.name) as Node, at);
        memo.set(key, places);
        return places;
      }
    }
  };
  return from(root, 0).has(text.length);
}

function endOf(terminal: string, text: string, at: number): number | null {
  if (terminal.startsWith('"')) {
    const wanted = unescapeLiteral(terminal);
    return text.startsWith(wanted, at) ? at + wanted.length : null;
  }
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return at < text.length && new RegExp(terminal, 'u').test(character) ? at + character.length : null;
}

function fill(terminal: string, random: () => number): string {
  if (terminal.startsWith('"')) return unescapeLiteral(terminal);
  const allowed = POOL.filter((character) => new RegExp(terminal, 'u').test(character));
  if (allowed.length === 0) throw new Error(`no character for ${terminal}`);
  return allowed[Math.floor(random() * allowed.length)] as string;
}

function unescapeLiteral(terminal: string): string {
  return terminal
    .slice(1, -1)
    .replace(/\\U([0-9a-f]{8})|\\u([0-9a-f]{4})|\\(.)/g, (_, long, short, plain) =>
      plain === undefined ? String.fromCodePoint(Number.parseInt(long ?? short, 16)) : plain,
    );
}

/** Steps of the shortest text of each rule. */
function shortestTexts(rules: Rules): Map<string, number> {
  const least = new Map<string, number>();
  for (let round = 0; round < rules.size; round++) {
    let changed = false;
    for (const [name, body] of rules) {
      const steps = depth(body as Node, least);
      if (steps < (least.get(name) ?? Infinity)) {
        least.set(name, steps);
        changed = true;
      }
    }
    if (!changed) break;
  }
  return least;
}

function depth(node: Node, least: ReadonlyMap<string, number>): number {
  switch (node.kind) {
    case 'terminal':
      return 1;
    case 'rule':
      return 1 + (least.get(node.name) ?? Infinity);
    case 'choice':
      return Math.min(...node.parts.map((part) => depth(part, least)));
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + depth(part, least), 0);
    case 'repeat':
      return node.min === 0 ? 0 : node.min * depth(node.part, least);
  }
}
