/** Names and their numbers, from 0 in the order they came: a column of rows holds the number in place of the name. */
export class StringInterner {
  readonly names: string[] = [];
  readonly #ids = new Map<string, number>();

  /** The number of a name; the next one if it is new. */
  id(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
