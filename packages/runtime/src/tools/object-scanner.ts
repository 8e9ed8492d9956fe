/** Where a value of an object's own keys stands in the text; `end` is −1 until it is complete. */
export interface ValuePlace {
  readonly start: number;
  end: number;
}

/** Follows the text of one JSON object as it grows, and finds the values of its own keys. */
export class ObjectScanner {
  #text = '';
  #at = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #stringStart = 0;
  /** The key whose value comes next; null: a key comes next. */
  #key: string | null = null;
  #value: ValuePlace | null = null;
  readonly values = new Map<string, ValuePlace>();
  /** `done`: the object is complete; `broken`: the text is none. */
  state: 'open' | 'done' | 'broken' = 'open';

  get text(): string {
    return this.#text;
  }

  /** Adds text. @returns What follows the object, once it is complete. */
  push(text: string): string {
    this.#text += text;
    while (this.#at < this.#text.length && this.state === 'open') this.#step(this.#text[this.#at++] as string);
    if (this.state !== 'done') return '';
    const rest = this.#text.slice(this.#at);
    this.#text = this.#text.slice(0, this.#at);
    return rest;
  }

  #step(character: string): void {
    const here = this.#at - 1;
    if (this.#inString) return this.#inside(character, here);
    if (this.#depth === 0) {
      if (character === '{') this.#depth = 1;
      else if (character.trim() !== '') this.state = 'broken';
      return;
    }
    const own = this.#depth === 1;
    if (character === '"') {
      this.#inString = true;
      this.#stringStart = here;
    }
    if (own && this.#key !== null && this.#value === null && !/[\s:,}\]]/.test(character)) {
      this.#value = { start: here, end: -1 };
      this.values.set(this.#key, this.#value);
    }
    if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') {
      this.#depth--;
      // The bracket ends a value of this object, or with the object the value before it.
      if (this.#depth === 1) this.#endValue(here + 1);
      else if (this.#depth === 0) {
        this.#endValue(here);
        this.state = character === '}' ? 'done' : 'broken';
      }
    } else if (own && character === ',') this.#endValue(here);
  }

  #inside(character: string, here: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') {
      this.#inString = false;
      if (this.#depth !== 1) return;
      if (this.#value) this.#endValue(here + 1);
      else if (this.#key === null) this.#key = unquoted(this.#text.slice(this.#stringStart, here + 1));
    }
  }

  #endValue(end: number): void {
    if (this.#value) {
      this.#value.end = end;
      this.#value = null;
    }
    this.#key = null;
  }
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
