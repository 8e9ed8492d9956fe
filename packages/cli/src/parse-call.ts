import { parseArgs } from 'node:util';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import type { Call, Options, Verb } from './verb.ts';

export class UsageError extends CogumiError {
  constructor(message: string, hint: string) {
    super('USAGE', message, hint, { exitCode: EXIT.usage });
  }
}

/** Options that every verb has. */
export const COMMON = {
  json: { type: 'boolean', describe: 'print JSON to stdout' },
  help: { type: 'boolean', describe: 'show this help' },
} as const satisfies Options;

/**
 * Parses the arguments after the verb. Unknown options, missing values and extra arguments are refused.
 *
 * @throws UsageError with the nearest option.
 */
export function parseCall(
  name: string,
  verb: Verb,
  args: readonly string[],
): Omit<Call<Options>, 'signal' | 'onHangup'> & { help: boolean } {
  const known: Options = { ...verb.options, ...COMMON };
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(known).map(([key, { type, multiple = false }]) => [
        key,
        { type, multiple, ...(key === 'help' ? { short: 'h' } : {}) },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const hint = `\`cogumi ${name} --help\` lists its options.`;
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = known[token.name];
    if (!option) {
      const near = nearestOption(token.name, verb);
      const meant = near === null ? '' : ` Did you mean --${near}?`;
      throw new UsageError(`${name} has no option ${token.rawName}.${meant}`, hint);
    }
    // An empty value usually comes from a shell variable that is not set.
    if (option.type === 'string' && (token.value === undefined || token.value === ''))
      throw new UsageError(`${token.rawName} needs a value.`, hint);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value.`, hint);
    const earlier = given.get(token.name);
    if (earlier !== undefined && option.multiple !== true)
      throw new UsageError(`${token.rawName} takes one value and got two: ${earlier} and ${token.value}.`, hint);
    if (token.value !== undefined) given.set(token.name, token.value);
  }
  const { help = false, json = false, ...options } = values;
  const { min, max } = verb.positionals;
  if (!help && (positionals.length < min || positionals.length > max)) {
    throw new UsageError(
      `${name} takes ${min === max ? min : `${min} to ${max}`} arguments and got ${positionals.length}.`,
      `Usage: cogumi ${name} ${verb.usage}`,
    );
  }
  return { positionals, options: options as Call<Options>['options'], json: json === true, help: help === true };
}

/** An option of the verb itself. The common ones fit many short words by chance, so only their own beginning or one slip means them. */
function nearestOption(name: string, verb: Verb): string | null {
  const isSlip = (common: string) =>
    common.startsWith(name) || [...name].sort().join('') === [...common].sort().join('');
  return nearest(name, Object.keys(verb.options)) ?? Object.keys(COMMON).find(isSlip) ?? null;
}

/** Parses a whole number from `min` to `max`. @throws UsageError */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  const near = Number.isNaN(value) ? min : Math.min(max, Math.max(min, Math.round(value)));
  throw new UsageError(
    `--${option} is ${JSON.stringify(text)}; it must be a whole number from ${min} to ${max}.`,
    `For example: --${option} ${near}`,
  );
}

const UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

/** Parses a number of bytes, such as 500M. @throws UsageError */
export function byteCount(option: string, text: string): number {
  const [, digits, unit] = /^(\d{1,9})([KMG])?$/i.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (unit ? UNITS[unit.toUpperCase() as keyof typeof UNITS] : 1);
  throw new UsageError(
    `--${option} is ${JSON.stringify(text)}; it must be a number of bytes, or of KiB, MiB or GiB with K, M or G after it.`,
    `For example: --${option} 500M`,
  );
}

/** One of the words that an option takes. @throws UsageError with the nearest one. */
export function oneOf<const Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const near = nearest(text, words);
  throw new UsageError(
    `--${option} is ${JSON.stringify(text)}; it must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`,
    near === null ? `For example: --${option} ${words[0]}` : `Did you mean --${option} ${near}?`,
  );
}
