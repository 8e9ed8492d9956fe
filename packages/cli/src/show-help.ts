import { COMMON } from './parse-call.ts';
import type { Options, Verb } from './verb.ts';

export function helpText(name: string, summary: string, verb: Verb): string {
  const known: Options = { ...verb.options, ...COMMON };
  const options = Object.entries(known).map(([key, { value, describe }]) => ({
    left: `--${key}${value ? ` ${value}` : ''}`,
    describe,
  }));
  const width = Math.max(...options.map(({ left }) => left.length));
  return [
    `cogumi ${name}: ${summary}`,
    '',
    `usage: cogumi ${name} ${verb.usage}`.trimEnd(),
    ...(verb.details ? ['', verb.details] : []),
    '',
    ...options.map(({ left, describe }) => `  ${left.padEnd(width)}  ${describe}`),
  ].join('\n');
}
