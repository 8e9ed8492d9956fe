/** An integer that a number would round. `JSON.stringify` writes its digits as they were read. */
export interface LongInteger {
  readonly rawJSON: string;
}

/** The part of `JSON` that TypeScript's library does not describe yet (ECMAScript proposal "JSON.parse source text access"). */
const EXACT = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): LongInteger;
  isRawJSON(value: unknown): value is LongInteger;
};

/** Fewest digits of an integer that a number may round: 2^53 has 16. */
const LONG = /\d{16}/;
const INTEGER = /^-?\d{16,}$/;

export function isLongInteger(value: unknown): value is LongInteger {
  return EXACT.isRawJSON(value);
}

/** An integer of 64 bits, as a number where that is exact. */
export function exactInteger(value: bigint): number | LongInteger {
  return Number.isSafeInteger(Number(value)) ? Number(value) : EXACT.rawJSON(String(value));
}

/**
 * Parses JSON as `JSON.parse` does, but an integer that a number would round, such as an id of 64 bits, becomes a `LongInteger`.
 *
 * @param revive - Changes any other value, innermost first.
 * @throws SyntaxError.
 */
export function parseExactJson(text: string, revive?: (value: unknown) => unknown): unknown {
  if (!LONG.test(text)) return JSON.parse(text, revive && ((_key, value) => revive(value)));
  return EXACT.parse(text, (_key, value, { source = '' }) => {
    if (typeof value === 'number' && INTEGER.test(source) && String(value) !== source) return EXACT.rawJSON(source);
    return revive ? revive(value) : value;
  });
}
