import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { spawnOwned } from '@cogumi/pure/process';

interface Job {
  status: string;
  message: string;
  driver_exit_code: number | null;
  logs: string;
  readonly entrypoint: string;
  readonly child: ChildProcess;
}

/** A server that speaks Ray's Jobs API as far as Cogumi does, and runs each entrypoint in a shell of this machine. */
export interface RayHead {
  readonly executor: string;
  readonly jobs: Map<string, Job>;
  /** Bodies of the requests that submitted a job. */
  readonly submitted: Record<string, unknown>[];
  /** `silent`: connections are cut; `busy`: HTTP 503; `deaf`: a submission is taken, but its answer is lost, once. */
  mood: 'well' | 'silent' | 'busy' | 'deaf';
  close(): Promise<void>;
}

export async function startRayHead(): Promise<RayHead> {
  const jobs: RayHead['jobs'] = new Map();
  const submitted: RayHead['submitted'] = [];
  /** Logs of jobs that were forgotten: as Ray does, one of the same name appends to them. */
  const logs = new Map<string, string>();

  const submit = (body: Record<string, unknown>) => {
    const { submission_id: id, entrypoint } = body as { submission_id: string; entrypoint: string };
    submitted.push(body);
    if (jobs.has(id)) return [500, `ValueError: Job with submission_id ${id} already exists.`] as const;
    const child = spawnOwned('sh', ['-c', entrypoint], { stdio: ['ignore', 'pipe', 'pipe'] });
    const job: Job = { status: 'RUNNING', message: '', driver_exit_code: null, logs: '', entrypoint, child };
    job.logs = `${logs.get(id) ?? ''}Running entrypoint for job ${id}: ${entrypoint}\n`;
    jobs.set(id, job);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece) => {
        job.logs += piece;
      });
    }
    child.once('close', (code, signal) => {
      job.driver_exit_code = code ?? (signal === 'SIGKILL' ? 137 : 143);
      if (job.status === 'RUNNING') job.status = code === 0 ? 'SUCCEEDED' : 'FAILED';
    });
    return [200, JSON.stringify({ submission_id: id })] as const;
  };

  const answer = async (request: IncomingMessage): Promise<readonly [number, string]> => {
    const [, , , id = '', action = ''] = (request.url ?? '').split('/');
    if (request.method === 'POST' && id === '') return submit(JSON.parse(await text(request)));
    const job = jobs.get(id);
    if (!job) return [404, `Job ${id} does not exist`];
    if (action === 'logs') return [200, JSON.stringify({ logs: job.logs })];
    if (action === 'stop') {
      job.status = 'STOPPED';
      job.child.kill('SIGKILL');
    }
    if (request.method === 'DELETE') {
      logs.set(id, job.logs);
      jobs.delete(id);
    }
    const { status, message, driver_exit_code } = job;
    return [200, JSON.stringify({ status, message, driver_exit_code })];
  };

  const server = createServer(async (request, response) => {
    if (head.mood === 'silent') return response.destroy();
    if (head.mood === 'busy') return response.writeHead(503).end();
    // As Ray does: it takes this header for a browser.
    if (request.headers['sec-fetch-mode'] !== undefined) return response.writeHead(405).end('browser traffic');
    const [status, body] = await answer(request);
    if (head.mood === 'deaf' && request.method === 'POST') {
      head.mood = 'well';
      return response.destroy();
    }
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const head: RayHead = {
    executor: `ray://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jobs,
    submitted,
    mood: 'well',
    close: async () => {
      for (const { child } of jobs.values()) child.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
    },
  };
  return head;
}
