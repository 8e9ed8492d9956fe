/** What a user types to run this command in the present shell; the launcher finds it out. */
const TYPED = process.env.COGUMI_COMMAND ?? 'cogumi';

/** A command in a text: `cogumi` and a verb, an option or a placeholder, at the beginning of a line, in backquotes or after a colon. */
const COMMAND = /(^|`|\busage: | {2})cogumi(?= (?:[a-z]+\b|<|--))/gim;

/** A text with every command as it works here: after `npm run setup` in a clone, `cogumi` alone is not on the PATH. */
export function asTyped(text: string, typed = TYPED): string {
  return text.replace(COMMAND, (_, before: string) => `${before}${typed}`);
}
