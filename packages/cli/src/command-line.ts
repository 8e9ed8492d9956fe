import { isatty } from 'node:tty';
import { CogumiError, EXIT, type ExitCode } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { asTyped } from './as-typed.ts';
import { explainSystemError } from './explain-system-error.ts';
import { parseCall, UsageError } from './parse-call.ts';
import { helpText } from './show-help.ts';
import type { Call, Options } from './verb.ts';
import { summaries, VERBS } from './verbs/index.ts';

/** Ctrl-C sends two signals, from the terminal and from the launcher. Signals within this time count as one (chosen). */
const SAME_SIGNAL_MS = 500;
/** How long a verb that is done may leave something open (chosen): by then the files and pipes that it wrote are closed. */
const LEFT_MS = 1000;

/** Runs one verb. @returns The exit code. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  const load = Object.hasOwn(VERBS, name) ? VERBS[name as keyof typeof VERBS] : null;
  if (!load) {
    const near = nearest(name, Object.keys(VERBS));
    throw new UsageError(
      `There is no verb "${name.slice(0, 60)}".${near === null ? '' : ` Did you mean "${near}"?`}`,
      '`cogumi --help` lists all verbs.',
    );
  }
  const { verb } = await load();
  const { help, ...call } = parseCall(name, verb, rest);
  if (help) {
    console.log(asTyped(helpText(name, summaries[name as keyof typeof VERBS], verb)));
    return EXIT.done;
  }
  return verb.run({ ...call, ...interruption() });
}

function interruption(): Pick<Call<Options>, 'signal' | 'onHangup'> {
  const controller = new AbortController();
  let firstAt: number | null = null;
  let onHangup: (() => void) | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGHUP' && onHangup !== null) return onHangup();
      firstAt ??= performance.now();
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  return {
    signal: controller.signal,
    onHangup: (reload) => {
      // A terminal that closes sends SIGHUP, too, and its programs have to end.
      if (!isatty(0) && !isatty(1)) onHangup = reload;
    },
  };
}

function report(error: unknown, json: boolean): ExitCode {
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  const known = error instanceof CogumiError ? error : explainSystemError(error);
  const told = known ?? {
    code: 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a bug in Cogumi. Set COGUMI_DEBUG=1 to see where it happened.',
    exitCode: EXIT.failed,
  };
  const [message, hint] = [asTyped(told.message), asTyped(told.hint)];
  const { code, exitCode } = told;
  if (json) console.log(JSON.stringify({ error: { code, message, hint } }));
  else console.error(`error ${code}: ${message}\n  ${hint}`);
  if (process.env.COGUMI_DEBUG === '1') console.error(error);
  return exitCode;
}

// If the reader of a pipe has gone (as with `head`), stop without an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
// What is told to people is lost where nobody reads it, or where the disk of a log is full; the work goes on.
process.stderr.on('error', () => undefined);
const args = process.argv.slice(2);
process.exitCode = await main(args).catch((error: unknown) => report(error, args.includes('--json')));
// A request that nobody waits for any more, such as one to a collector that does not answer, would hold the process.
setTimeout(() => process.exit(), LEFT_MS).unref();
