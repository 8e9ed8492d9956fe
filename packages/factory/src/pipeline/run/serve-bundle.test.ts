import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@cogumi/contracts';
import { descendants } from '@cogumi/pure/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveBundle } from './serve-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
/** Longer than a test may take: what it does at once, it does not after these. */
const patience = { startMs: 3_600_000, askMs: 3_600_000, closeMs: 300 };

/** A server that does what is written; its process id and arguments lie in `folder`. */
function serve(script: string, { signal = never, ...other }: Partial<typeof patience> & { signal?: AbortSignal } = {}) {
  const file = join(folder, 'server.mjs');
  const facts = JSON.stringify(join(folder, 'facts.json'));
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs';
    import { createServer } from 'node:http';
    writeFileSync(${facts}, JSON.stringify({ pid: process.pid, args: process.argv.slice(2), key: process.env.COGUMI_API_KEY ?? null }));
    const listen = (answer) => createServer(answer).listen(0, '127.0.0.1', function () {
      console.log(JSON.stringify({ url: 'http://127.0.0.1:' + this.address().port, digest: 'sha256:1' }));
    });
    ${script}`,
  );
  return serveBundle([process.execPath, file], '/a/bundle.cogumi', folder, signal, { ...patience, ...other });
}
const facts = async () => JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8'));
const lives = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const ANSWER = `{ choices: [{ message: { content: 'Four.' } }] }`;

describe('serveBundle', () => {
  it('asks, closes twice, and keeps the unpacked bundle in the folder of the run for as long as it serves', async () => {
    process.env.COGUMI_API_KEY = 'of the user';
    const server = await serve(
      `listen((_, answer) => answer.setHeader('x-cogumi-route', 'math').end(JSON.stringify(${ANSWER})))`,
    );
    delete process.env.COGUMI_API_KEY;
    expect(await server.ask(asking('2 + 2?'))).toEqual({ answer: 'Four.', route: 'math' });
    const { pid, args, key } = await facts();
    const cache = join(folder, 'serve-cache');
    expect(args).toEqual(['serve', '/a/bundle.cogumi', '--port', '0', '--json', '--cache', cache]);
    expect(key).toBeNull();
    mkdirSync(join(cache, 'blobs'), { recursive: true });
    await Promise.all([server.close(), server.close()]);
    expect({ lives: lives(pid), cache: existsSync(cache) }).toEqual({ lives: false, cache: false });
  });

  it('says at once that a program cannot be started, or has ended', async () => {
    const missing = serveBundle([join(folder, 'no-program')], 'x', folder, never);
    await expect(missing).rejects.toMatchObject({ code: 'SERVE', message: expect.stringContaining('ENOENT') });
    await expect(serve('process.exit(7)')).rejects.toThrow('ended with exit code 7');
    const error = JSON.stringify({ error: { code: 'BUNDLE_CORRUPT', message: 'A bit is wrong.', hint: '' } });
    await expect(serve(`console.log('${error}')`)).rejects.toThrow('does not serve: BUNDLE_CORRUPT: A bit is wrong.');
  });

  it('leaves no process behind that says nothing, says nonsense or is not wanted any more', async () => {
    const stop = new AbortController();
    const before = descendants(process.pid);
    for (const [script, options, message] of [
      ['setInterval(() => {}, 1000)', { startMs: 1000 }, 'was not ready after 1000 ms'],
      ["console.log('hello'); setInterval(() => {}, 1000)", {}, 'gave an unexpected reply: hello'],
      ["console.log('{}'); setInterval(() => {}, 1000)", {}, 'gave an unexpected reply: {}'],
      ['setInterval(() => {}, 1000)', { signal: stop.signal }, 'no more'],
    ] as const) {
      if ('signal' in options) setTimeout(() => stop.abort(new Error('no more')), 1000);
      await expect(serve(script, options)).rejects.toThrow(message);
      // On a busy machine it may be over before the program has written down who it is.
      await expect.poll(() => descendants(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
    }
  });

  it('waits neither for an answer that never comes nor for a server that will not end', async () => {
    const server = await serve("process.on('SIGTERM', () => {}); listen(() => {})", { askMs: 300 });
    await expect(server.ask(asking('Hello?'))).rejects.toThrow('gave no answer within 300 ms');
    await server.close();
    expect(lives((await facts()).pid)).toBe(false);
  });

  it('names a refusal, an answer of another shape, and a server that is gone', async () => {
    const refusing = await serve("listen((_, answer) => { answer.statusCode = 503; answer.end('busy'); })");
    await expect(refusing.ask(asking('x'))).rejects.toThrow('answered 503: busy');
    await refusing.close();
    await expect(refusing.ask(asking('x'))).rejects.toMatchObject({
      code: 'SERVE',
      message: expect.stringContaining('cannot be reached'),
    });
    const strange = await serve("listen((_, answer) => answer.end('{}'))");
    await expect(strange.ask(asking('x'))).rejects.toThrow('gave an unexpected reply: {}');
    await strange.close();
  });

  it.runIf(existsSync('/proc/self/fd'))('keeps no file open', async () => {
    const toLog = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).endsWith('serve.log');
        } catch {
          return false;
        }
      });
    const server = await serve('listen(() => {})');
    expect(toLog()).toEqual([]);
    await server.close();
    await expect(serveBundle([join(folder, 'no-program')], 'x', folder, never)).rejects.toThrow();
    expect(toLog()).toEqual([]);
  });
});

function asking(content: string): Message[] {
  return [{ role: 'user', content }];
}
