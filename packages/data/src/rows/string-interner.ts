/** Numbers names from 0 in order of first appearance, so that a column stores numbers instead of names. */
export class StringInterner {
  readonly names: string[] = [];
  readonly #ids = new Map<string, number>();

  /** The number of a name; a new name gets the next one. */
  id(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
