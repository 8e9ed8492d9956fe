import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { startViewer } from './start-viewer.ts';
import { numberedRows, serveChain } from './testing/serve-chain.ts';

const page = serveChain();

describe('access', () => {
  beforeEach(async () => {
    page.chain.put('import', { 'rows.jsonl': numberedRows(1) });
    await page.open();
  });

  it('is refused for another Host, another origin, and methods other than GET', async () => {
    const { host } = page.url();
    const status = async (headers: Record<string, string>, method?: string) =>
      (await page.raw('/api/sets', headers, method)).status;
    expect(await status({ host })).toBe(200);
    expect(await status({ host: `localhost:${page.url().port}` })).toBe(200);
    expect(await status({ host, origin: `http://${host}` })).toBe(200);
    expect(await status({ host: `evil.example:${page.url().port}` })).toBe(403);
    expect(await status({ host: '127.0.0.1:1' })).toBe(403);
    expect(await status({ host, origin: 'http://evil.example' })).toBe(403);
    expect(await status({ host, origin: 'null' })).toBe(403);
    expect(await status({ host, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ host, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await status({ host }, 'POST')).toBe(405);
  });

  it('is limited to the page, its files and the API, all under one policy', async () => {
    const index = await page.raw('/');
    expect(index.body).toMatch(/^<!doctype html>/);
    expect(index.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
      'x-content-type-options': 'nosniff',
    });
    expect(index.body).not.toMatch(/(?:src|href)="(?!\/page\/|data:,)/);
    expect((await page.raw('/page/viewer.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
    });
    for (const path of [
      '/page/../start-viewer.ts',
      '/page/%2e%2e/start-viewer.ts',
      '/rows.jsonl',
      '/api/nothing',
      '//x',
    ]) {
      expect([path, (await page.raw(path)).status]).toEqual([path, 404]);
    }
  });
});

describe('startViewer', () => {
  it('reports every place that cannot be opened', async () => {
    page.chain.put('empty', {});
    const sets = [...page.chain.sets, { name: 'gone', folder: join(page.chain.folder, 'gone') }];
    await expect(startViewer({ sets, port: 0 })).rejects.toMatchObject({
      code: 'LOOK_NO_ROWS',
      message: expect.stringMatching(/empty.*gone.*does not exist/),
      hint: expect.stringContaining('cogumi data look'),
    });
  });

  it('reports a port that is in use', async () => {
    page.chain.put('import', { 'rows.jsonl': numberedRows(1) });
    await page.open();
    const port = Number(page.url().port);
    await expect(startViewer({ sets: page.chain.sets, port })).rejects.toMatchObject({
      code: 'LOOK_PORT',
      message: expect.stringContaining(String(port)),
    });
  });
});
