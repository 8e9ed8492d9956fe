import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../start-cogumi.ts';

/** A Python environment with one package from PyPI in `.cache`, made once. @returns Its folder. */
export function pythonEnvironment(name: string, requirement: string): string {
  const folder = join(ROOT, '.cache', name);
  if (existsSync(join(folder, 'ready'))) return folder;
  mkdirSync(folder, { recursive: true });
  execFileSync(join(ROOT, '.venv/bin/python'), ['-m', 'venv', '--clear', folder]);
  execFileSync(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', requirement], { stdio: 'inherit' });
  writeFileSync(join(folder, 'ready'), '');
  return folder;
}
