/** A real Ray head of this machine, from PyPI, in an environment of its own. The engine's Python has no Ray: only the head needs it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../packages/pure/src/process/free-ports.ts';
import { pythonEnvironment } from './python-environment.ts';

/** 80 MB, once. */
const RAY = 'ray[default]==2.60.0';

export interface RayCluster {
  readonly executor: string;
  /** Status of every job that the head knows. */
  statuses(): Promise<string[]>;
  /** kill -9 of the head and all that belongs to it. */
  kill(): Promise<void>;
}

/** @param port - Of the dashboard; without, any that is free. */
export async function startRay(port?: number): Promise<RayCluster & { readonly port: number }> {
  const environment = pythonEnvironment('ray', RAY);
  const [freePort, headPort, agentPort] = await freePorts(3);
  const dashboard = port ?? freePort!;
  // Ray's sockets lie below it, and the system allows 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'ray-'));
  const address = `http://127.0.0.1:${dashboard}`;
  const args = ['--head', '--block', '--num-cpus=2', '--disable-usage-stats', `--temp-dir=${folder}`];
  const ports = [`--port=${headPort}`, '--dashboard-host=127.0.0.1', `--dashboard-port=${dashboard}`];
  const agent = `--dashboard-agent-listen-port=${agentPort}`;
  const head: ChildProcess = spawn(join(environment, 'bin/ray'), ['start', ...args, ...ports, agent], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PATH: `${join(environment, 'bin')}:${process.env.PATH}` },
  });
  const jobs = async () => (await fetch(`${address}/api/jobs/`)).json() as Promise<{ status: string }[]>;
  for (let tries = 0; ; tries++) {
    if (await jobs().then(Array.isArray, () => false)) break;
    if (tries > 300 || head.exitCode !== null) throw new Error(`Ray does not answer at ${address} (${head.exitCode})`);
    await sleep(500);
  }
  return {
    port: dashboard,
    executor: `ray://127.0.0.1:${dashboard}`,
    statuses: async () => (await jobs()).map(({ status }) => status),
    kill: async () => {
      // Every process of a cluster names its folder.
      for (let left = pidsNaming(folder); left.length > 0; left = pidsNaming(folder)) {
        for (const pid of left) process.kill(pid, 'SIGKILL');
        await sleep(200);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes whose command names this text. */
export function pidsNaming(text: string): number[] {
  try {
    const found = execFileSync('pgrep', ['-f', '--', text], { encoding: 'utf8' });
    return found
      .trim()
      .split('\n')
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}
