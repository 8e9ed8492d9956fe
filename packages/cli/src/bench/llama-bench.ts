import { CogumiError } from '@cogumi/contracts';
import { runOwned } from '@cogumi/pure/process';

export interface LlamaBenchSettings {
  readonly model: string;
  readonly threads: number;
  readonly kvCache: string;
}

/** What one run measures: reading so many tokens, or generating them after so many others. */
export type LlamaBenchTest =
  | { readonly read: number; readonly generate?: never; readonly depth?: never }
  | { readonly generate: number; readonly depth: number; readonly read?: never };

/** Longest run that is waited for (chosen): 128 tokens at one in four seconds. */
const TIMEOUT_MS = 600_000;

/** Runs llama.cpp's llama-bench once. @returns Tokens a second. @throws CogumiError LLAMA_BENCH */
export async function runLlamaBench(
  program: string,
  { model, threads, kvCache }: LlamaBenchSettings,
  { read = 0, generate = 0, depth = 0 }: LlamaBenchTest,
): Promise<number> {
  const numbers = { '-p': read, '-n': generate, '-d': depth, '-t': threads, '-r': 1 };
  const args = [
    '-m',
    model,
    ...Object.entries(numbers).flatMap(([name, value]) => [name, String(value)]),
    '-o',
    'json',
  ];
  // llama.cpp stores quantized values only with flash attention.
  if (kvCache !== 'f16') args.push('-ctk', kvCache, '-ctv', kvCache, '-fa', '1');
  const failure = (what: string, cause?: unknown) =>
    new CogumiError(
      'LLAMA_BENCH',
      `${program} ${what}.`,
      'Leave --llama-bench out, or name a build of the same release.',
      {
        cause,
      },
    );
  const { code, signal, stdout, stderr } = await runOwned(program, args, { timeoutMs: TIMEOUT_MS }).catch((cause) => {
    throw failure(`cannot be started: ${cause.message}`, cause);
  });
  if (code !== 0) throw failure(`ended with ${signal ?? `exit code ${code}`}: ${stderr.trim().slice(-300)}`);
  try {
    const [{ avg_ts }] = JSON.parse(stdout) as [{ avg_ts: number }];
    if (!(avg_ts > 0)) throw new RangeError(`avg_ts is ${avg_ts}`);
    return avg_ts;
  } catch (cause) {
    throw failure(`gave an unexpected reply: ${stdout.slice(0, 300)}`, cause);
  }
}
