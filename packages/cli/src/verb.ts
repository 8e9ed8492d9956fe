import type { ExitCode } from '@cogumi/contracts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly describe: string;
  /** Placeholder for the value in the help, e.g. `<port>`. */
  readonly value?: string;
  readonly multiple?: true;
}

export type Options = Readonly<Record<string, Option>>;

export type Values<O extends Options> = {
  readonly [Name in keyof O]?: O[Name]['type'] extends 'boolean'
    ? boolean
    : O[Name] extends { multiple: true }
      ? string[]
      : string;
};

export interface Call<O extends Options> {
  readonly positionals: readonly string[];
  readonly options: Values<O>;
  /** True: print the result as JSON to stdout, for programs. */
  readonly json: boolean;
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP calls this, where no terminal can send it by closing; other signals end the process as before. */
  onHangup?(reload: () => void): void;
}

/** A command of `cogumi`, such as `build`. */
export interface Verb<O extends Options = Options> {
  /** Arguments after the verb, e.g. `[bundle]`. */
  readonly usage: string;
  readonly details?: string;
  readonly positionals: { readonly min: number; readonly max: number };
  readonly options: O;
  run(call: Call<O>): Promise<ExitCode>;
}

export function defineVerb<const O extends Options>(verb: Verb<O>): Verb {
  // `parseCall` reads options by the same table that types them, so a verb never gets options that it does not know.
  return verb as unknown as Verb;
}
