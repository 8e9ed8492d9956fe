import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SetPlace } from '../open-sets.ts';

/** Output folders of a chain of stages, for a test. */
export interface Chain {
  readonly folder: string;
  readonly sets: SetPlace[];
  /** Adds a stage: file name to rows, or to the text of the file. */
  put(name: string, files: Readonly<Record<string, readonly object[] | string>>): void;
  remove(): void;
}

export function createChain(): Chain {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-look-'));
  const sets: SetPlace[] = [];
  return {
    folder,
    sets,
    put: (name, files) => {
      mkdirSync(join(folder, name));
      for (const [file, rows] of Object.entries(files)) {
        const text = typeof rows === 'string' ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        writeFileSync(join(folder, name, file), text);
      }
      sets.push({ name, folder: join(folder, name) });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Text that would run, load, reverse or end something if it were not treated as plain text. */
export const HOSTILE = '<script>owned=1</script><img src=x onerror="owned=1">\u001b[31m\u202egnp.exe\u0000\ud800</pre>';
