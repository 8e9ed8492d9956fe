import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { COMMAND } from '../command.ts';

/** Runs the command in a folder, with a cache of its own there, to its end. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [program, ...before] = COMMAND;
  const env = { ...process.env, ...environment, COGUMI_CACHE: join(folder, 'cache'), COGUMI_COMMAND: 'cogumi' };
  const child = spawn(program as string, [...before, ...args], { cwd: folder, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}
