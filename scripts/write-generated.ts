/** Writes the files that are generated from the schemas: JSON Schema and dataclasses for Python, docs/recipe.md for people. `--check` fails if one is stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineEvent, EngineJob, JOBS, LoopOptions } from '@cogumi/contracts';
import { z } from 'zod';
import { Recipe } from '../packages/factory/src/recipe/recipe.ts';
import { pythonOptions } from './python-options.ts';
import { recipeReference } from './recipe-reference.ts';

const root = join(import.meta.dirname, '..');
const files: Record<string, string> = {
  'docs/recipe.md': recipeReference(Recipe),
  'engine/cogumi_engine/options.py': pythonOptions({ loop: z.object(LoopOptions) }, JOBS),
};
for (const [name, schema] of Object.entries({ 'engine-job': EngineJob, 'engine-event': EngineEvent, ...JOBS })) {
  // `output`: TypeScript fills in the defaults before it sends a job.
  const json = z.toJSONSchema(schema as z.ZodType, { io: 'output' });
  files[`engine/cogumi_engine/schemas/${name}.json`] = `${JSON.stringify(json, null, 1)}\n`;
}

const stale: string[] = [];
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (process.argv.includes('--check')) {
    if (readOrEmpty(path) !== text) stale.push(name);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
if (stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}\n  run: node --conditions=source scripts/write-generated.ts`);
  process.exit(1);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
