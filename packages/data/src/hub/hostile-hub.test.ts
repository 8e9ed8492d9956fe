import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '@cogumi/pure/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile } from './download-file.ts';
import { openRemote } from './open-remote.ts';
import type { Repository } from './repository.ts';
import { findCommit, listFiles } from './repository-files.ts';
import { testHub } from './testing/test-hub.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-hostile-hub-'));
const { signal } = new AbortController();
const ROWS: Repository = { kind: 'dataset', id: 'owner/rows' };
let cacheFolder: string;
let waits: number[];

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  cacheFolder = mkdtempSync(join(folder, 'cache-'));
  waits = [];
});

const hubAt = (endpoint: string) => testHub({ endpoint, cacheFolder }, waits);

/** A hub that does always the same, for as long as `work` runs. After `most` GET requests it sends errors, so that no test runs for ever. */
async function withHostile<T>(answer: RequestListener, work: (endpoint: string) => Promise<T>, most = 100) {
  let requests = 0;
  const hostile = await serve((request, response) => {
    if (request.method === 'GET' && ++requests > most) response.writeHead(400).end();
    else answer(request, response);
  });
  try {
    await work(hostile.url);
  } finally {
    await hostile.close();
  }
  return requests;
}

describe('a host that makes no progress', () => {
  const commit = 'c'.repeat(40);
  const BYTES = 5000;
  const describing = { etag: `"${'e'.repeat(40)}"`, 'x-linked-size': String(BYTES) };
  const cutAfter = (response: ServerResponse, bytes: number) =>
    // At once, and the client would lose what it has received and not read yet.
    response.write('x'.repeat(bytes), () => setTimeout(() => response.destroy(), 30));
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': BYTES });
    cutAfter(response, 100);
  };
  const file = { repository: ROWS, commit, path: 'train.jsonl' };

  it('is given up if it cuts the listing each time', async () => {
    const requests = await withHostile(cut, (endpoint) =>
      expect(findCommit(hubAt(endpoint), ROWS, 'main', signal)).rejects.toMatchObject({
        code: 'HUB_UNREACHABLE',
      }),
    );
    expect(requests).toBe(8);
  });

  it.each<[string, number, RequestListener]>([
    ['starts over and is cut at the same place', 9, cut],
    [
      'sends nothing of what is asked for',
      9,
      (request, response) => {
        if (request.headers.range) response.writeHead(206, { 'content-length': 0 }).end();
        else cut(request, response);
      },
    ],
    [
      'goes back and forth',
      9,
      (request, response) => {
        response.writeHead(200, { 'content-length': BYTES });
        const bytes = request.headers.range === 'bytes=100-' ? 50 : 100;
        cutAfter(response, bytes);
      },
    ],
  ])('is given up where it %s', async (_what, most, answer) => {
    const requests = await withHostile(
      (request, response) => {
        if (request.method === 'HEAD') response.writeHead(200, describing).end();
        else answer(request, response);
      },
      (endpoint) =>
        expect(downloadFile(hubAt(endpoint), file, { signal })).rejects.toMatchObject({
          code: 'HUB_UNREACHABLE',
        }),
    );
    // One came further than nothing; eight more did not.
    expect(requests).toBeLessThanOrEqual(most);
  });

  it.each<[string, RequestListener]>([
    ['shorter than asked for', (_request, response) => response.writeHead(206, { 'content-length': 3 }).end('{}\n')],
    [
      'cut each time',
      (_request, response) => {
        response.writeHead(206, { 'content-length': 1000 });
        response.write('{}\n', () => setTimeout(() => response.destroy(), 5));
      },
    ],
  ])('is given up where ranges are %s', async (_what, answer) => {
    const requests = await withHostile(
      (request, response) => {
        if (request.method === 'HEAD') response.writeHead(200, describing).end();
        else answer(request, response);
      },
      async (endpoint) => {
        const source = await openRemote(hubAt(endpoint), file, signal);
        await expect(source.slice(0, 1000)).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
      },
    );
    expect(requests).toBe(8);
  });
});

describe('a host that sends too much', () => {
  const commit = 'c'.repeat(40);
  const file = { repository: ROWS, commit, path: 'train.jsonl' };
  /** 64 KB again and again, for as long as anyone listens; counted up to 300 MB. */
  const flood = (headers: Record<string, string | number>, status = 200) => {
    const sent = { bytes: 0 };
    const answer: RequestListener = (request, response) => {
      if (request.method === 'HEAD') {
        response.writeHead(200, { etag: `"${'e'.repeat(40)}"`, 'x-linked-size': '7250' }).end();
        return;
      }
      response.writeHead(status, headers);
      const more = () => {
        if (response.destroyed) return;
        if (sent.bytes > 300e6) response.end();
        else response.write(Buffer.alloc(2 ** 16, ' '), more);
        sent.bytes += 2 ** 16;
      };
      more();
    };
    return { sent, answer };
  };

  it('cannot fill the disk with a file', async () => {
    const { sent, answer } = flood({});
    await withHostile(answer, (endpoint) =>
      expect(downloadFile(hubAt(endpoint), file, { signal })).rejects.toMatchObject({
        code: 'HUB_CORRUPT',
        message: expect.stringContaining('more than 7250 bytes'),
      }),
    );
    expect(sent.bytes).toBeLessThan(50e6);
    expect(readdirSync(join(cacheFolder, 'datasets--owner--rows/blobs'))).toEqual([]);
  });

  it('cannot end the process by closing while the disk is slow', async () => {
    const sent = Buffer.alloc(2 ** 16);
    await withHostile(
      (_request, response) => {
        response.writeHead(200, { 'content-length': sent.length, connection: 'close' }).write(sent);
        response.end();
      },
      async (endpoint) => {
        const { chunks } = await hubAt(endpoint).request({
          url: endpoint,
          target: { repository: ROWS, revision: 'main' },
          signal,
        });
        await wait(300);
        const read: Buffer[] = [];
        for await (const chunk of chunks()) read.push(chunk);
        expect(Buffer.concat(read)).toEqual(sent);
      },
    );
  });

  it('cannot fill the memory with a range of a file, or with a listing', async () => {
    const part = flood({}, 206);
    await withHostile(part.answer, async (endpoint) => {
      const source = await openRemote(hubAt(endpoint), file, signal);
      await expect(source.slice(0, 1000)).rejects.toMatchObject({ code: 'HUB_CORRUPT' });
    });
    expect(part.sent.bytes).toBeLessThan(50e6);
    const list = flood({});
    await withHostile(list.answer, (endpoint) =>
      expect(listFiles(hubAt(endpoint), ROWS, commit, signal)).rejects.toMatchObject({
        code: 'HUB_REFUSED',
        message: expect.stringContaining('more than 67108864 bytes'),
      }),
    );
    expect(list.sent.bytes).toBeLessThan(200e6);
  });

  it('is refused if its listing never ends, or continues on another host', async () => {
    const listing =
      (link: string): RequestListener =>
      (_request, response) =>
        response.writeHead(200, { link: `<${link}>; rel="next"` }).end('[]');
    const list = (endpoint: string) => listFiles(hubAt(endpoint), ROWS, commit, signal);
    const pages = await withHostile(
      listing('/more'),
      (endpoint) => expect(list(endpoint)).rejects.toMatchObject({ code: 'HUB_LISTING_TOO_LONG' }),
      3000,
    );
    expect(pages).toBe(2000);
    for (const link of ['http://other.example/more', 'http://[']) {
      await withHostile(listing(link), (endpoint) =>
        expect(list(endpoint)).rejects.toMatchObject({ code: 'HUB_REFUSED' }),
      );
    }
  });

  it.each(['http://[', 'http://a:b@127.0.0.1/', 'ftp://127.0.0.1/x'])(
    'is refused at once if it redirects to %s',
    async (location) => {
      const requests = await withHostile(
        (_request, response) => response.writeHead(302, { location }).end(),
        (endpoint) =>
          expect(findCommit(hubAt(endpoint), ROWS, 'main', signal)).rejects.toMatchObject({
            code: 'HUB_REFUSED',
            message: expect.stringContaining('is not a valid address'),
          }),
      );
      expect(requests).toBe(1);
      expect(waits).toEqual([]);
    },
  );
});

describe('replies of a host', () => {
  const commit = 'c'.repeat(40);
  const file = { repository: ROWS, commit, path: 'train.jsonl' };
  const LONG = 'x'.repeat(5000);
  /** In one byte what terminals take for `ESC [`. */
  const LOUD = `\x9b31m${LONG}`;

  it('cannot name files outside of the dataset, because names become paths of the cache', async () => {
    const entry = { type: 'file', path: 'data/../../../x', size: 1 };
    await withHostile(
      (_request, response) => response.end(JSON.stringify([entry])),
      (endpoint) =>
        expect(listFiles(hubAt(endpoint), ROWS, 'main', signal)).rejects.toMatchObject({
          code: 'HUB_REFUSED',
          message: expect.stringContaining('leads out of the repository'),
        }),
    );
  });

  it.each(['"65f1c0de-3"', '"d41d8cd98f00b204e9800998ecf8427e"', `"${'e'.repeat(41)}"`, '"../../x"', ''])(
    'names content by a hash: an ETag %s could stand for several files, and their bytes be checked against nothing',
    async (etag) => {
      await withHostile(
        (request, response) => response.setHeader('etag', etag).end(request.url?.endsWith('a.csv') ? 'a\n1' : 'a\n2'),
        async (endpoint) => {
          for (const path of ['a.csv', 'b.csv']) {
            await expect(downloadFile(hubAt(endpoint), { ...file, path }, { signal })).rejects.toMatchObject({
              code: 'HUB_REFUSED',
              message: expect.stringContaining('40 or 64 hex digits'),
            });
          }
        },
      );
      expect(readdirSync(cacheFolder)).toEqual([]);
    },
  );

  it.each<[string, 'listing' | 'downloading', RequestListener]>([
    ['reason', 'listing', (_request, response) => response.writeHead(403, { 'x-error-message': LOUD }).end()],
    ['ETag', 'downloading', (_request, response) => response.writeHead(200, { etag: LOUD }).end()],
    [
      'commit',
      'downloading',
      (_request, response) =>
        response.writeHead(200, { etag: 'e'.repeat(40), 'content-length': 3, 'x-repo-commit': LOUD }).end(),
    ],
    [
      'next page',
      'listing',
      (request, response) =>
        request.url?.endsWith(LONG)
          ? response.end('no JSON')
          : response.writeHead(200, { link: `</${LONG}>; rel="next"` }).end('[]'),
    ],
  ])('is shown short and without signs that steer a terminal: its %s', async (_what, task, answer) => {
    await withHostile(answer, async (endpoint) => {
      const hub = hubAt(endpoint);
      const asking = task === 'listing' ? listFiles(hub, ROWS, commit, signal) : downloadFile(hub, file, { signal });
      await expect(asking).rejects.toMatchObject({
        code: 'HUB_REFUSED',
        message: expect.stringMatching(/^[\x20-\x7e\u2026]{1,600}$/),
      });
    });
  });
});

describe('a file that cannot be opened for writing', () => {
  it('closes the reply that would fill it', async () => {
    const hash = 'e'.repeat(40);
    const blobs = join(cacheFolder, 'datasets--owner--rows/blobs');
    mkdirSync(blobs, { recursive: true });
    symlinkSync(join(folder, 'no/such/folder/x'), join(blobs, `${hash}.incomplete`));
    let open = 0;
    await withHostile(
      (request, response) => {
        response.writeHead(200, { etag: hash, 'content-length': 1e9 });
        if (request.method === 'HEAD') return response.end();
        open++;
        response.on('close', () => open--);
        response.write('x');
        return response;
      },
      async (endpoint) => {
        const file = { repository: ROWS, commit: 'c'.repeat(40), path: 'train.jsonl' };
        await expect(downloadFile(hubAt(endpoint), file, { signal })).rejects.toMatchObject({
          code: 'HUB_SETTINGS_INVALID',
        });
        await expect.poll(() => open).toBe(0);
      },
    );
  });
});
