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
  json: { type: 'boolean', describe: 'answer in JSON on stdout' },
  help: { type: 'boolean', describe: 'show this' },
} as const satisfies Options;

/**
 * Reads what follows the verb. Nothing is guessed: an unknown option, a missing value or a word too many is refused.
 *
 * @throws UsageError naming the nearest option.
 */
export function parseCall(
  name: string,
  verb: Verb,
  args: readonly string[],
): Omit<Call<Options>, 'signal'> & { help: boolean } {
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
  const hint = `\`cogumi ${name} --help\` lists what it takes.`;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = known[token.name];
    if (!option) {
      const near = nearest(token.name, Object.keys(known));
      const meant = near === null ? '' : ` Did you mean --${near}?`;
      throw new UsageError(`cogumi ${name} has no option ${token.rawName}.${meant}`, hint);
    }
    // An empty one comes from a shell variable that is not set.
    if (option.type === 'string' && (token.value === undefined || token.value === ''))
      throw new UsageError(`${token.rawName} needs a value.`, hint);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value.`, hint);
  }
  const { help = false, json = false, ...options } = values;
  const { least, most } = verb.positionals;
  if (!help && (positionals.length < least || positionals.length > most)) {
    throw new UsageError(
      `cogumi ${name} takes ${least === most ? least : `${least} to ${most}`} arguments; there are ${positionals.length}.`,
      `Usage: cogumi ${name} ${verb.usage}`,
    );
  }
  return { positionals, options: options as Call<Options>['options'], json: json === true, help: help === true };
}

/** A whole number out of an option. @throws UsageError */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `--${option} is ${JSON.stringify(text)}; it takes a whole number from ${least} to ${most}.`,
    'Write it in digits.',
  );
}
