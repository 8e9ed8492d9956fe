import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../start-cogumi.ts';
import type { Subject } from './measure-architecture.ts';

/** Those of `engine/tests/families.py`. */
export const FAMILIES = [
  ...['llama-2', 'llama-3', 'llama-biased', 'smollm2', 'smollm3', 'qwen2', 'qwen2.5', 'qwen3'],
  ...['gemma-2', 'gemma-3', 'gemma-3-linear', 'mistral', 'phi-3'],
];

/** A small model of a family (`engine/tests/families.py`) that has learned to answer the rows beside it. */
export async function makeFamily(name: string, folder: string): Promise<Subject> {
  const python = process.env.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
  const model = join(folder, 'model');
  const { stdout } = await promisify(execFile)(python, [join(ROOT, 'engine/tests/families.py'), name, model], {
    env: { ...process.env, PYTHONPATH: join(ROOT, 'engine'), OMP_NUM_THREADS: '1' },
  });
  const { preTokenizer } = JSON.parse(stdout) as { preTokenizer: string | null };
  return { model, rows: join(folder, 'rows.jsonl'), preTokenizer, work: join(folder, 'work') };
}
