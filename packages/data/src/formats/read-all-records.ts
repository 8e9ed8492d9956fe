import { CogumiError, EXIT } from '@cogumi/contracts';
import { openFile } from './byte-source.ts';
import { readRecords } from './read-records.ts';

/**
 * All records of a file that people wrote: JSON Lines, JSON, CSV or Parquet, text formats also packed.
 *
 * @throws CogumiError RECORDS_UNREADABLE where there is no such file, or a record that cannot be read; IMPORT_CORRUPT.
 */
export async function readAllRecords(path: string): Promise<unknown[]> {
  const source = await openFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(`${path} cannot be read: ${cause.code ?? cause.message}.`, cause);
  });
  try {
    const values: unknown[] = [];
    for await (const record of readRecords(source)) {
      if (!('value' in record))
        throw unreadable(`Record ${record.number} of ${path} cannot be read: it ${record.reason}.`);
      values.push(record.value);
    }
    return values;
  } finally {
    await source.close();
  }
}

function unreadable(message: string, cause?: unknown): CogumiError {
  return new CogumiError('RECORDS_UNREADABLE', message, 'Name a file in JSON Lines, JSON, CSV or Parquet.', {
    exitCode: EXIT.usage,
    cause,
  });
}
