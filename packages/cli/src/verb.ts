import type { ExitCode } from '@cogumi/contracts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly describe: string;
  /** What stands for the value in the help, e.g. `<port>`. */
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
  /** The whole answer as JSON on stdout, for programs. */
  readonly json: boolean;
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process. */
  readonly signal: AbortSignal;
}

/** One word after `cogumi`. */
export interface Verb<O extends Options = Options> {
  /** What follows the verb, e.g. `[bundle]`. */
  readonly usage: string;
  readonly details?: string;
  readonly positionals: { readonly least: number; readonly most: number };
  readonly options: O;
  run(call: Call<O>): Promise<ExitCode>;
}

export function defineVerb<const O extends Options>(verb: Verb<O>): Verb {
  // Options are read by the same table that types them, so the wider type takes nothing a verb does not know.
  return verb as unknown as Verb;
}
