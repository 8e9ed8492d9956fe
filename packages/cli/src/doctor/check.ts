/** `warn`: works, but less than it could; `fail`: something that is needed is missing. */
export type Status = 'ok' | 'warn' | 'fail';

export interface Check {
  readonly name: string;
  readonly status: Status;
  readonly found: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly advice: string;
}

export function check(name: string, status: Status, found: string, advice = ''): Check {
  return { name, status, found, advice: status === 'ok' ? '' : advice };
}
