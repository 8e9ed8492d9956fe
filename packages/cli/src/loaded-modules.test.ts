import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../bin/cogumi.mjs');
const RECORDER = pathToFileURL(join(import.meta.dirname, 'testing/record-loads.mjs')).href;

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loaded-modules-'));
  bundle = join(folder, 'sample.cogumi');
  await writeFile(bundle, tarOf(sampleBundle({ base: await tinyModel(), adapters: { code: tinyAdapter(1) } })));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
/** Starts the command with the recorder in each of its processes. */
function start(args: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  const path = join(folder, `loads-${count++}.txt`);
  const env = {
    ...process.env,
    NODE_OPTIONS: `--import=${RECORDER}`,
    RECORD_LOADS: path,
    COGUMI_CACHE: join(folder, 'cache'),
    COGUMI_PYTHON: join(folder, 'python'),
    ...extra,
  };
  const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd: folder, env });
  child.stdin.end('Hi\n');
  const recorded = async () => {
    const lines = existsSync(path) ? (await readFile(path, 'utf8')).trimEnd().split('\n') : [];
    const after = (word: string) =>
      lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
    return {
      /** Names of the workspace packages (folders of `packages/`) of which a file was loaded. */
      packages: [...new Set(after('load file:').flatMap((url) => /\/packages\/([^/]+)\//.exec(url)?.[1] ?? []))].sort(),
      files: after('load file:'),
      programs: after('start '),
    };
  };
  return { child, recorded };
}

async function run(...args: string[]) {
  const { child, recorded } = start(args);
  const [code] = await once(child, 'close');
  return { code: code as number, ...(await recorded()) };
}

const SERVING = ['cli', 'contracts', 'llama', 'pure', 'runtime'];
/** Its SDK. The API, a few calls that do nothing, comes with the library of the metrics. */
const isOpenTelemetry = (url: string) => /\/node_modules\/@opentelemetry\/(?!api\/)/.test(url);

/** First line of the program that ends the children of a process that was killed. */
const WATCHER = '/bin/sh /bin/sh -c ';

describe('what a command loads', () => {
  it('is neither factory, data nor Python when a bundle is served and answers', async () => {
    const { child, recorded } = start(['serve', bundle, '--port', '0', '--json', '--threads', '1']);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const reply = await fetch(`${JSON.parse(line).url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3 }),
    });
    expect(reply.status).toBe(200);
    child.kill('SIGTERM');
    await once(child, 'close');
    const { packages, programs, files } = await recorded();
    expect(packages).toEqual(SERVING);
    expect(files.filter(isOpenTelemetry)).toEqual([]);
    // The launcher becomes the command, and that starts the process of the model and the shell that ends it.
    expect(programs).toEqual([WATCHER, expect.stringContaining('model-process')]);
  });

  it('includes OpenTelemetry only where a collector is named', async () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const { child, recorded } = start(['serve', bundle, '--port', '0', '--json', '--threads', '1'], environment);
    await once(createInterface({ input: child.stdout }), 'line');
    child.kill('SIGTERM');
    await once(child, 'close');
    const { files } = await recorded();
    expect(files.filter(isOpenTelemetry).length).toBeGreaterThan(10);
  });

  it('is neither factory, data nor Python in a chat', async () => {
    const { code, packages, programs } = await run('chat', bundle, '--max-tokens', '3', '--threads', '1');
    expect(code).toBe(0);
    expect(packages).toEqual(SERVING);
    expect(programs).toEqual([WATCHER, expect.stringContaining('model-process')]);
  });

  it('is the launcher only for --help', async () => {
    const { code, files, programs } = await run('--help');
    expect(code).toBe(0);
    expect(files.map((url) => url.split('/').at(-1))).toEqual(['cogumi.mjs', 'typed-command.mjs']);
    expect(programs).toEqual([]);
  });

  it('is the factory for a verb of the factory, so the recorder would see it', async () => {
    const { packages } = await run('runs', '--store', 'nowhere');
    expect(packages).toContain('factory');
  });

  it('includes Python where doctor starts it, so the recorder would see it', async () => {
    const python = join(folder, 'python');
    await writeFile(python, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { programs } = await run('doctor', '--json');
    expect(programs.some((program) => program.startsWith(python))).toBe(true);
  });
});
