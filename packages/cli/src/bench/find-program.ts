import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { UsageError } from '../parse-call.ts';

/** Path of a program that is named, or on the PATH; null: there is none on it. @throws UsageError if the named one cannot be started. */
export async function findProgram(name: string, named: string | undefined): Promise<string | null> {
  if (named !== undefined) {
    if (await canRun(named)) return named;
    throw new UsageError(`--${name} is ${JSON.stringify(named)}, which is no program.`, `Name the file of ${name}.`);
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await canRun(join(folder, name)))) return join(folder, name);
  }
  return null;
}

function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
