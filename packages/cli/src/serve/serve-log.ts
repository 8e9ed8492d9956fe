import { CogumiError } from '@cogumi/contracts';
import { logRequests, type RequestObserver } from '@cogumi/runtime';
import { asTyped } from '../as-typed.ts';

/** What a running server tells its operator, on stderr. It never has content of requests or keys. */
export interface ServeLog {
  /** Follows requests, if each is told. */
  readonly observers: readonly RequestObserver[];
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  problem(error: unknown, what: string, facts?: Readonly<Record<string, unknown>>): void;
}

export const LOG_FORMS = ['text', 'json'] as const;

/** `text`: failures and changes, for people. `json`: a line of JSON for each request, too. */
export function serveLog(form: (typeof LOG_FORMS)[number]): ServeLog {
  if (form === 'text') {
    return {
      observers: [],
      info: (message) => console.error(`info: ${message}`),
      problem: (error, what) => console.error(`${what}:`, debug(error)),
    };
  }
  const write = (entry: object) => console.error(JSON.stringify({ time: new Date().toISOString(), ...entry }));
  return {
    observers: [logRequests((line) => console.error(line))],
    info: (message, facts) => write({ level: 'info', event: 'message', message, ...facts }),
    problem: (error, what, facts) => {
      const code = error instanceof CogumiError ? error.code : 'UNEXPECTED';
      const shown = debug(error);
      const message = `${what}: ${shown instanceof Error ? shown.stack : shown}`;
      write({ level: 'error', event: 'problem', code, message, ...facts });
    },
  };
}

function debug(error: unknown): unknown {
  if (process.env.COGUMI_DEBUG === '1') return error;
  if (error instanceof CogumiError) return `${error.code}: ${asTyped(error.message)} ${asTyped(error.hint)}`;
  return error instanceof Error ? error.message : error;
}
