import { type IncomingMessage, request as open } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { z } from 'zod';
import type { RayAddress } from './address.ts';

/** A job as Ray describes it. */
const RayJob = z.object({
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  driver_exit_code: z.int().nullish(),
});
export type RayJob = z.infer<typeof RayJob>;

/** Longest wait for one answer (chosen). */
const ANSWER_MS = 20_000;
/** Waits between two tries double up to this (chosen). */
const LONGEST_WAIT_MS = 5000;
/** What a proxy or a head that is starting answers. */
const TRY_AGAIN = new Set([502, 503, 504]);

/** Ray's Jobs API (docs.ray.io, "Ray Jobs REST API"), as of Ray 2.60. */
export interface RayJobs {
  /** `id` is the caller's: a request that is sent twice starts one job. @throws CogumiError RAY_REFUSED. */
  submit(id: string, entrypoint: string): Promise<void>;
  /** null: Ray knows no such job. */
  find(id: string): Promise<RayJob | null>;
  /** Everything that the job has printed so far. */
  logs(id: string): Promise<string>;
  stop(id: string): Promise<void>;
  /** Forgets a job that has ended. */
  remove(id: string): Promise<void>;
}

export const hasEnded = ({ status }: RayJob): boolean => status !== 'PENDING' && status !== 'RUNNING';

/**
 * @param patienceMs - How long a head may be silent, asked before each try.
 * @throws CogumiError from every call: RAY_UNREACHABLE, RAY_REFUSED.
 */
export function rayJobs({ url, cpus, gpus }: RayAddress, patienceMs: () => number): RayJobs {
  const token = process.env.RAY_AUTH_TOKEN;
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };

  /** One request; null instead of an answer that may be another one later, with the reason in `silence`. */
  const ask = async (method: string, path: string, body: object | null, silence: (why: string) => void) => {
    try {
      const answer = await exchange(`${url}/api/jobs/${path}`, method, headers, body);
      if (!TRY_AGAIN.has(answer.status)) return answer;
      silence(`HTTP ${answer.status}`);
    } catch (cause) {
      silence(reasonOf(cause));
    }
    return null;
  };

  /** Asks until there is an answer. `between` may find that the question is settled. */
  const request = async (method: string, path: string, body: object | null = null, between = async () => false) => {
    const began = Date.now();
    let why = '';
    for (let wait = 250; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const answer = await ask(method, path, body, (reason) => {
        why = reason;
      });
      if (answer) return answer;
      if (Date.now() - began + wait > patienceMs()) throw unreachable(url, Date.now() - began, why);
      await sleep(wait);
      if (await between()) return { status: 200, text: '' };
    }
  };

  const expectOk = ({ status, text }: { status: number; text: string }, what: string): string => {
    if (status === 200) return text;
    throw new CogumiError(
      'RAY_REFUSED',
      `Ray at ${url} did not ${what} (HTTP ${status}): ${text.trim().split('\n').at(-1)?.slice(0, 300)}`,
      status === 401 || status === 403 ? 'Put the token of the cluster into RAY_AUTH_TOKEN.' : HINT,
    );
  };

  const find = async (id: string): Promise<RayJob | null> => {
    const answer = await request('GET', id);
    return answer.status === 404 ? null : RayJob.parse(JSON.parse(expectOk(answer, `answer for job ${id}`)));
  };
  return {
    find,
    submit: async (id, entrypoint) => {
      const reserved = { entrypoint_num_cpus: cpus ?? undefined, entrypoint_num_gpus: gpus ?? undefined };
      // A request whose answer was lost may have started the job.
      const started = async () => (await find(id)) !== null;
      const answer = await request('POST', '', { submission_id: id, entrypoint, ...reserved }, started);
      if (answer.status !== 200 && !(await started())) expectOk(answer, 'take the job');
    },
    logs: async (id) => {
      const text = expectOk(await request('GET', `${id}/logs`), `give the log of job ${id}`);
      return z.object({ logs: z.string() }).parse(JSON.parse(text)).logs;
    },
    stop: async (id) => {
      await request('POST', `${id}/stop`);
    },
    remove: async (id) => {
      await request('DELETE', id);
    },
  };
}

export const HINT =
  '`ray status` on the head shows whether the cluster runs. Then run the same command again: training continues at its last checkpoint.';

function unreachable(url: string, ms: number, why: string): CogumiError {
  return new CogumiError(
    'RAY_UNREACHABLE',
    `Ray at ${url} has not answered for ${Math.round(ms / 1000)} s (${why}).`,
    `${HINT} The port of \`executor\` is the one of its dashboard, 8265 by default.`,
  );
}

/** Not by `fetch`, which sends `sec-fetch-mode`: Ray takes that for a browser and refuses it. */
async function exchange(url: string, method: string, headers: Readonly<Record<string, string>>, body: object | null) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(url, { method, headers, signal: AbortSignal.timeout(ANSWER_MS) }, resolve);
    request.on('error', reject);
    request.end(body === null ? undefined : JSON.stringify(body));
  });
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

/** `ECONNREFUSED` rather than a sentence. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as Error & { code?: string };
  return typeof code === 'string' ? code : message;
}
