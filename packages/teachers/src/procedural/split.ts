import { createHash } from 'node:crypto';

/** 51 of 256 first bytes: a fifth of all facts (chosen: enough for tests, and little is lost for training). */
const TEST_BYTES = 51;

/** Whether a fact belongs to the test split. Only task and fact decide, so that no seed and no recipe can train on it. */
export function isTestFact(task: string, fact: string): boolean {
  return (createHash('sha256').update(`${task}|${fact}`).digest()[0] as number) < TEST_BYTES;
}
