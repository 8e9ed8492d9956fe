import { CogumiError, EXIT } from '@cogumi/contracts';
import { JsonProblem, nearest, parseStrictJson } from '@cogumi/pure';
import { z } from 'zod';
import { ENDPOINTS } from '../endpoints.ts';

/** Most keys of a file (chosen): each is compared with the key of each request, which takes 0.3 ms for so many. */
export const MOST_KEYS = 1000;
/** Most names in a list of an entry (chosen). */
const MOST_NAMES = 100;
/** Longest line in characters (chosen): 100 models and all endpoints fit. */
const LONGEST_LINE = 20_000;

const Limit = z.int().positive().optional();

/** What a line of a key file says. */
export const KeyEntry = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.@-]{1,64}$/, 'up to 64 letters, digits, "_", ".", "@" or "-"')
    .describe('Names the key in logs and messages.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')
    .describe(
      'SHA-256 of the key. A key of 256 random bits cannot be found by trying, so a slow hash would add nothing.',
    ),
  endpoints: z.array(z.string()).min(1).max(MOST_NAMES).optional().describe('Default: all but /metrics.'),
  models: z.array(z.string().min(1)).min(1).max(MOST_NAMES).optional().describe('Ids of /v1/models. Default: all.'),
  requestsPerMinute: Limit,
  tokensPerMinute: Limit.describe('Of prompts and answers.'),
  tokensPerDay: Limit,
  concurrentRequests: Limit.describe('Requests that are read, waiting or answered.'),
});
export type KeyEntry = z.infer<typeof KeyEntry>;

const PATHS = ENDPOINTS.map(({ path }) => path);

/**
 * Reads the text of a key file: one JSON object a line, empty lines between them.
 *
 * @throws CogumiError KEYS_INVALID with the line at fault.
 */
export function parseKeyEntries(bytes: Uint8Array, path: string): KeyEntry[] {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const entries: KeyEntry[] = [];
  const named = new Map<string, number>();
  const hashed = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const number = at + 1;
    const entry = parseKeyEntry(line, `line ${number}`, (problem, hint) => invalid(path, problem, hint));
    const doubled = named.get(entry.name) ?? hashed.get(entry.sha256);
    if (doubled !== undefined) {
      const what = named.has(entry.name) ? `the name "${entry.name}"` : 'the same key';
      throw invalid(path, `lines ${doubled} and ${number} have ${what}`, 'Give each key a line and a name of its own.');
    }
    named.set(entry.name, number);
    hashed.set(entry.sha256, number);
    entries.push(entry);
    if (entries.length > MOST_KEYS) {
      throw invalid(path, `it has more than ${MOST_KEYS} keys`, 'Remove lines of keys that are no longer used.');
    }
  }
  // A server that starts with no keys could answer nobody.
  if (entries.length === 0) throw invalid(path, 'it has no keys', ADD);
  return entries;
}

const ADD = '`cogumi key <name> --keys <file>` writes lines as they have to be; `cogumi key --help` lists the limits.';

/**
 * Reads one line of a key file.
 *
 * @param where - Names the line in messages.
 * @param refusal - Makes the error that is thrown.
 */
export function parseKeyEntry(
  line: string,
  where: string,
  refusal: (problem: string, hint: string) => CogumiError,
): KeyEntry {
  if (line.length > LONGEST_LINE) {
    throw refusal(`${where} has ${line.length} characters, at most ${LONGEST_LINE} are allowed`, ADD);
  }
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(line, 'latin1'), { values: 4 * MOST_NAMES, keyLength: 64 });
  } catch (cause) {
    if (!(cause instanceof JsonProblem)) throw cause;
    throw refusal(`${where} ${cause.message}`, 'Each line is one JSON object.');
  }
  const parsed = KeyEntry.safeParse(value);
  if (!parsed.success) throw refusal(`${where}: ${explain(parsed.error)}`, ADD);
  const unknown = parsed.data.endpoints?.find((endpoint) => !PATHS.includes(endpoint));
  if (unknown !== undefined) {
    const near = nearest(unknown, PATHS);
    const meant = near === null ? '' : ` Did you mean "${near}"?`;
    throw refusal(
      `${where}: there is no endpoint ${JSON.stringify(unknown)}`,
      `There are ${PATHS.join(', ')}.${meant}`,
    );
  }
  return parsed.data;
}

function explain(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') {
        const [key = ''] = issue.keys;
        const near = nearest(key, Object.keys(KeyEntry.shape));
        return `unknown field ${JSON.stringify(key.slice(0, 60))}${near === null ? '' : ` (did you mean "${near}"?)`}`;
      }
      return `${issue.path.join('.') || 'the line'}: ${issue.message}`;
    })
    .join('; ');
}

function invalid(path: string, problem: string, hint: string): CogumiError {
  return new CogumiError('KEYS_INVALID', `The key file ${path} cannot be used: ${problem}.`, hint, {
    exitCode: EXIT.usage,
  });
}
