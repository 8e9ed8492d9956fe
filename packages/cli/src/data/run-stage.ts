import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT, type ExitCode } from '@cogumi/contracts';
import { dataRecipe } from '@cogumi/factory';
import { runBuild } from '../build/run-build.ts';
import { UsageError } from '../parse-call.ts';

/** The stages that work on rows of others, in their order; each runs with all before it. */
export const STAGES = ['import', 'curate', 'dedup', 'filter'] as const;

export interface StageCall {
  readonly stage: string;
  readonly files: readonly string[];
  readonly settings: readonly string[];
  readonly store: string;
  /** Where the files go; null: they stay in the store. */
  readonly out: string | null;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Runs a data stage, and what it stands on, on files. */
export async function runStage({ stage, files, settings, store, out, json, signal }: StageCall): Promise<ExitCode> {
  const { folder, exitCode } = await runBuild(dataRecipe(files, settings), { store, until: stage, json, signal });
  const place = folder !== null && out !== null ? await copyRows(folder, out) : folder;
  if (folder !== null && (await stat(join(folder, 'rows.jsonl'))).size === 0) {
    throw new CogumiError(
      'NO_ROWS',
      `No row is left after ${stage}.`,
      `\`cogumi data look --store ${store}\` shows where they went and why.`,
      { exitCode: EXIT.inconclusive },
    );
  }
  if (json) console.log(JSON.stringify({ event: 'data', stage, folder: place }));
  else if (place !== null)
    console.log(`  rows    ${join(place, 'rows.jsonl')}\n  look    cogumi data look --store ${store}`);
  return exitCode;
}

/** Copies the files of rows, over none that is there. @throws UsageError */
async function copyRows(from: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (!name.endsWith('.jsonl')) continue;
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_EXCL).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new UsageError(
        `${join(to, name)} is there already; the rows themselves lie in ${from}.`,
        'Give --out a folder that is new or empty.',
      );
    });
  }
  return to;
}
