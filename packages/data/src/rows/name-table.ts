/** Names and their numbers, from 0 in the order they came: a column of rows holds the number in place of the name. */
export class NameTable {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a name; the next one if it is new. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
