import { EXIT, type ExitCode } from '@cogumi/contracts';
import { type BuildResult, build, type Recipe } from '@cogumi/factory';
import { COMMAND } from '../command.ts';
import { createTerminalView } from './terminal-view.ts';

const EXIT_OF = { done: EXIT.done, 'gate-failed': EXIT.gateFailed, inconclusive: EXIT.inconclusive } as const;

export interface BuildCall {
  readonly store: string;
  /** Id of the last stage to run; undefined: run all stages. */
  readonly until: string | undefined;
  /** `s3://bucket/prefix`; undefined: none. */
  readonly bucket?: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Runs a build and shows it on stdout: with `json` as events, one JSON object per line, otherwise as text. */
export async function runBuild(
  recipe: Recipe,
  { store, until, bucket, json, signal }: BuildCall,
): Promise<BuildResult & { exitCode: ExitCode }> {
  const view = createTerminalView((text) => process.stdout.write(text), process.stdout.isTTY === true);
  const result = await build(recipe, {
    store,
    command: COMMAND,
    now: Date.now,
    signal,
    ...(until === undefined ? {} : { until }),
    ...(bucket === undefined ? {} : { bucket }),
    onEvent: json ? (event) => console.log(JSON.stringify(event)) : view,
  });
  return { ...result, exitCode: EXIT_OF[result.outcome] };
}
