/**
 * A real Prometheus, of Debian's package, scrapes a server: it takes the metrics and the alerts, and answers every query of the
 * dashboard.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../../packages/runtime/src/testing/serve-sample.ts';

const root = join(import.meta.dirname, '../..');
const monitoring = join(root, 'packages/runtime/monitoring');
const PORT = 19_090;

/** Folder with `prometheus` and `promtool`. */
function fetchPrometheus(): string {
  const folder = join(root, '.cache/prometheus');
  const bin = join(folder, 'usr/bin');
  if (existsSync(join(bin, 'promtool'))) return bin;
  mkdirSync(folder, { recursive: true });
  execFileSync('apt-get', ['download', '-q', 'prometheus'], { cwd: folder });
  const file = readdirSync(folder).find((name) => name.endsWith('.deb')) as string;
  execFileSync('dpkg', ['-x', file, '.'], { cwd: folder });
  return bin;
}

const folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
let bin: string;
let sample: ServedSample;
let prometheus: ChildProcess | null = null;
let asking: NodeJS.Timeout | undefined;

beforeAll(async () => {
  bin = fetchPrometheus();
  sample = await serveSample();
  const { host } = new URL(sample.server.url);
  const config = [
    'global: { scrape_interval: 1s, evaluation_interval: 1s }',
    `rule_files: [${join(monitoring, 'alerts.yaml')}]`,
    'scrape_configs:',
    `  - { job_name: cogumi, static_configs: [{ targets: ["${host}"] }] }`,
  ];
  writeFileSync(join(folder, 'prometheus.yml'), `${config.join('\n')}\n`);
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${PORT}`,
  ];
  prometheus = spawn(join(bin, 'prometheus'), args, { stdio: 'ignore' });
  asking = setInterval(() => void ask(), 300);
}, 300_000);
afterAll(async () => {
  clearInterval(asking);
  prometheus?.kill('SIGKILL');
  await sample?.close();
  rmSync(folder, { recursive: true, force: true });
});

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];

/** Requests of several kinds, of which one is refused. */
async function ask() {
  const { client } = sample;
  const body = { model: 'sample', messages, max_tokens: 8 };
  await client.chat.completions.create(body).catch(() => null);
  await client.chat.completions.create({ ...body, model: 'sample:base' }).catch(() => null);
  await client.chat.completions.create({ ...body, model: 'smaple' }).catch(() => null);
}

async function api<Data>(path: string): Promise<Data> {
  const reply = await fetch(`http://127.0.0.1:${PORT}/api/v1/${path}`);
  const { status, data, error } = (await reply.json()) as { status: string; data: Data; error?: string };
  if (status !== 'success') throw new Error(`${path}: ${error}`);
  return data;
}

it('takes the metrics and the alerts', async () => {
  const metrics = await (await fetch(`${sample.server.url}/metrics`)).text();
  // It exits with an error for names and types against Prometheus' own rules.
  execFileSync(join(bin, 'promtool'), ['check', 'metrics'], { input: metrics, stdio: ['pipe', 'inherit', 'inherit'] });
  execFileSync(join(bin, 'promtool'), ['check', 'rules', join(monitoring, 'alerts.yaml')]);
});

it('answers every query of the dashboard with numbers', { timeout: 120_000 }, async () => {
  const { panels } = JSON.parse(readFileSync(join(monitoring, 'dashboard.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const queries = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      query: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '10s'),
    })),
  );
  expect(queries.length).toBeGreaterThan(20);
  const unanswered = async () => {
    const missing: string[] = [];
    for (const { title, query } of queries) {
      const { result } = await api<{ result: { value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(query)}`,
      );
      if (result.length === 0 || result.some(({ value }) => !Number.isFinite(Number(value[1]))))
        missing.push(`${title}: ${query}`);
    }
    return missing;
  };
  await expect.poll(() => unanswered().catch(String), { timeout: 60_000, interval: 2000 }).toEqual([]);
});

it('evaluates every alert, of which none is on while all is well, and one when the server has gone', {
  timeout: 120_000,
}, async () => {
  type Rule = { name: string; state: string; health: string; lastError?: string };
  const rules = async () =>
    (await api<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap((group) => group.rules);
  await expect
    .poll(async () => (await rules()).map(({ health }) => health).join(), { timeout: 60_000 })
    .toMatch(/^ok(,ok)*$/);
  expect((await rules()).filter(({ state }) => state !== 'inactive')).toEqual([]);
  clearInterval(asking);
  await sample.server.close();
  const pending = async () => (await rules()).filter(({ state }) => state === 'pending').map(({ name }) => name);
  await expect.poll(pending, { timeout: 60_000 }).toContain('CogumiServerDown');
});
