/** Writes the contracts that Python reads as JSON Schema; `--check` fails when the committed files are stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineEvent, EngineJob, JOBS } from '@cogumi/contracts';
import { z } from 'zod';

const folder = join(import.meta.dirname, '../engine/cogumi_engine/schemas');
mkdirSync(folder, { recursive: true });
const stale: string[] = [];
for (const [name, schema] of Object.entries({ 'engine-job': EngineJob, 'engine-event': EngineEvent, ...JOBS })) {
  const path = join(folder, `${name}.json`);
  // `output`: what TypeScript hands over has its defaults filled in.
  const text = `${JSON.stringify(z.toJSONSchema(schema as z.ZodType, { io: 'output' }), null, 1)}\n`;
  if (process.argv.includes('--check')) {
    if (readOrEmpty(path) !== text) stale.push(name);
  } else writeFileSync(path, text);
}
if (stale.length > 0) {
  console.error(`stale schemas: ${stale.join(', ')}\n  run: node --conditions=source scripts/write-schemas.ts`);
  process.exit(1);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
