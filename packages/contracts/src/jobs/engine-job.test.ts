import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineEvent, EngineJob, JOBS } from './engine-job.ts';

/** Read by `engine/tests/test_schemas.py` as well, against the JSON Schema that is written from these. */
function fixtures<Fixture>(name: string): Fixture[] {
  const path = join(import.meta.dirname, '../../../../engine/tests/fixtures', name);
  return JSON.parse(readFileSync(path, 'utf8')) as Fixture[];
}

describe('EngineJob', () => {
  const jobs = fixtures<{ name: string; valid: boolean; job?: object; patch?: object }>('jobs.json');

  it.each(jobs)('$name', ({ valid, patch }) => {
    const candidate: unknown = { ...jobs[0]?.job, ...patch };
    const job = EngineJob.safeParse(candidate);
    const options = job.success ? JOBS[job.data.job].safeParse(job.data.options) : job;
    expect(options.success).toBe(valid);
    if (job.success && valid) expect(options.data).toEqual(job.data.options);
  });
});

describe('EngineEvent', () => {
  it.each(fixtures<{ name: string; valid: boolean; event: unknown }>('events.json'))('$name', ({ valid, event }) => {
    expect(EngineEvent.safeParse(event).success).toBe(valid);
  });
});
