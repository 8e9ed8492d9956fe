import { CogumiError, EXIT } from '@cogumi/contracts';

/** Port of Ray's dashboard, which serves the Jobs API. */
const DASHBOARD_PORT = '8265';

export interface RayAddress {
  /** `http://head:8265`. */
  readonly url: string;
  /** What a job reserves. Without any, Ray runs it on the head. */
  readonly cpus: number | null;
  readonly gpus: number | null;
}

/** Reads `ray://HOST:PORT?cpus=N&gpus=N`. @throws CogumiError EXECUTOR_INVALID. */
export function parseRayAddress(executor: string): RayAddress {
  const url = URL.canParse(executor) ? new URL(executor) : null;
  const wrong = (what: string) =>
    new CogumiError('EXECUTOR_INVALID', `The executor "${executor}" ${what}.`, USAGE, { exitCode: EXIT.usage });
  if (url?.protocol !== 'ray:' || url.hostname === '' || !['', '/'].includes(url.pathname) || url.username !== '') {
    throw wrong('is neither `local` nor `ray://HOST:PORT`');
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'cpus' && name !== 'gpus');
  if (unknown !== undefined) throw wrong(`has a setting "${unknown}"`);
  const count = (name: string) => {
    const text = url.searchParams.get(name);
    if (text !== null && !/^[1-9]\d{0,3}$/.test(text))
      throw wrong(`asks for ${name} "${text}", which is no whole number`);
    return text === null ? null : Number(text);
  };
  return { url: `http://${url.hostname}:${url.port || DASHBOARD_PORT}`, cpus: count('cpus'), gpus: count('gpus') };
}

const USAGE =
  'Write `executor: ray://HOST:8265`, with the port of Ray’s dashboard; `?gpus=1` or `?cpus=8` reserves what a job needs.';
