/** A JSON Schema that no grammar can cover exactly, or that is not valid. */
export class SchemaProblem extends Error {
  /** Where, as a JSON pointer such as `/properties/name`. */
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    const place = pointer.length > 200 ? `…${pointer.slice(-200)}` : pointer;
    super(`${message} (at ${place === '' ? 'the root' : place})`);
    this.pointer = pointer;
  }
}
