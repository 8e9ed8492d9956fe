/** `warn`: works with limits; `fail`: something necessary is missing. */
export type Status = 'ok' | 'warn' | 'fail';

export interface Check {
  readonly name: string;
  readonly status: Status;
  readonly found: string;
  /** What to do; empty if there is nothing to do. */
  readonly advice: string;
}

export function check(name: string, status: Status, found: string, advice = ''): Check {
  return { name, status, found, advice: status === 'ok' ? '' : advice };
}
