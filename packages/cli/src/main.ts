/** Entry point. What takes longest begins first: the process of a model starts while the rest of the command is loaded. */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { prepareModelProcess } from '@cogumi/llama/process';

/** Verbs that load a model as soon as they run. */
const WITH_MODEL: readonly string[] = ['serve', 'chat'];

/** Keeps compiled code from one start to the next, also for child processes: loading takes half the time then (measured). */
function keepCompiled(): void {
  try {
    process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cogumi', 'node');
    enableCompileCache();
  } catch {
    // A user without a home has nothing kept.
  }
}

keepCompiled();
const [verb = '', ...rest] = process.argv.slice(2);
if (WITH_MODEL.includes(verb) && !rest.some((word) => word === '--help' || word === '-h')) prepareModelProcess();
await import('./command-line.ts');
