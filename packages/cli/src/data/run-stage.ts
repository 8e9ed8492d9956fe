import { constants } from 'node:fs';
import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT, type ExitCode } from '@cogumi/contracts';
import { dataFilesIn } from '@cogumi/data/import';
import { dataRecipe } from '@cogumi/factory';
import { makeFolder } from '@cogumi/pure';
import { asTyped } from '../as-typed.ts';
import { runBuild } from '../build/run-build.ts';
import { UsageError } from '../parse-call.ts';

/** The data stages in their order. Each runs together with all stages before it. */
export const STAGES = ['import', 'curate', 'dedup', 'filter'] as const;

export interface StageCall {
  readonly stage: string;
  readonly files: readonly string[];
  readonly settings: readonly string[];
  readonly store: string;
  /** Folder for copies of the output files; null: the files stay in the store. */
  readonly out: string | null;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Runs a data stage, and the stages before it, on files. @throws CogumiError NO_ROWS; UsageError. */
export async function runStage({ stage, files, settings, store, out, json, signal }: StageCall): Promise<ExitCode> {
  const { folder, exitCode } = await runBuild(dataRecipe(await withoutFolders(files), settings), {
    store,
    until: stage,
    json,
    signal,
  });
  const place = folder !== null && out !== null ? await copyRows(folder, out) : folder;
  if (folder !== null && (await stat(join(folder, 'rows.jsonl'))).size === 0) {
    throw new CogumiError(
      'NO_ROWS',
      `No row is left after ${stage}.`,
      `\`cogumi data look --store ${store}\` shows where each row went and why.`,
      { exitCode: EXIT.inconclusive },
    );
  }
  if (json) console.log(JSON.stringify({ event: 'data', stage, folder: place }));
  else if (place !== null)
    console.log(asTyped(`  rows    ${join(place, 'rows.jsonl')}\n  view    cogumi data look --store ${store}`));
  return exitCode;
}

/** The same files, with the data files of every folder in its place. */
async function withoutFolders(places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    const isFolder = (await stat(place).catch(() => null))?.isDirectory() === true;
    files.push(...(isFolder ? await dataFilesIn(place) : [place]));
  }
  return files;
}

/** Copies the output files and overwrites none. @throws UsageError if a file exists. */
async function copyRows(from: string, to: string): Promise<string> {
  makeFolder(to);
  for (const name of await readdir(from)) {
    if (!name.endsWith('.jsonl')) continue;
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_EXCL).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new UsageError(
        `${join(to, name)} already exists. The rows are in ${from}.`,
        'Set --out to a new or empty folder.',
      );
    });
  }
  return to;
}
