import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createEngine, type Engine } from '../engine/index.ts';

/** The real engine, for the tests of one file: Python starts with the first job and ends after the last test. */
export function testEngine(): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-engine-'));
  const engine = createEngine({ threads: 1, logPath: join(folder, 'engine.log') });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return engine;
}
