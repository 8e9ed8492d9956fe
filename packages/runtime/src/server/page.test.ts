import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { type RunningServer, startServer } from './start-server.ts';

/** Where Debian puts it. */
const CHROMIUM = process.env.COGUMI_CHROMIUM ?? '/usr/bin/chromium';
/** How long the browser may take, which ends only what hangs (chosen). */
const PATIENCE_MS = 300_000;
/** Folder for screenshots; without it none are taken. */
const SCREENSHOTS = process.env.COGUMI_SCREENSHOTS;

let browser: Browser;
let page: Page;
let sample: ServedSample;
let server: RunningServer;
const complaints: string[] = [];
/** What the router decides next. */
let decision: object;
/** Messages of every question that the page has sent. */
const asked: string[][] = [];

describe('the page', () => {
  const hasBrowser = existsSync(CHROMIUM);
  beforeAll(async () => {
    if (!hasBrowser) return;
    sample = await serveSample();
    const runtime: Runtime = Object.create(sample.runtime, {
      answer: {
        value: async (...given: Parameters<Runtime['answer']>) => {
          asked.push(given[0].messages!.map(({ role }) => role));
          const answered = await sample.runtime.answer({ ...given[0], maxTokens: 8 }, given[1]);
          return { ...answered, decision: { perplexity: 9.44, scores: {}, ...decision } };
        },
      },
    });
    server = await startServer(runtime, { port: 0 });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--headless', '--no-sandbox'],
      timeout: PATIENCE_MS,
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await sample?.close();
    expect(complaints).toEqual([]);
  });
  beforeEach(async ({ skip }) => {
    skip(!hasBrowser, `no Chromium at ${CHROMIUM}; set COGUMI_CHROMIUM`);
    await page.goto(server.url);
  });

  it.each([
    [{ route: 'code', reason: 'router', confidence: 1 }, 'the router is 100% sure of the route, not of the answer'],
    [
      { route: 'code', reason: 'follow-up', confidence: 0.87 },
      'a follow-up, by the route of its question · the router is 87%',
    ],
    [
      { route: 'base', reason: 'perplexity', confidence: 0.1 },
      'answered by base · perplexity above the bound · perplexity 9.44',
    ],
    [{ route: 'base', reason: 'chosen', confidence: null }, 'answered by base · chosen by you'],
  ])('says why a route was taken, and whose certainty it shows: %j', async (next, says) => {
    decision = next;
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.fill('#question', 'Write a function that doubles its argument.');
      await page.click('#send');
      await expect.poll(() => page.textContent('.route:last-of-type')).toContain(says);
      await expect.poll(() => page.textContent('#send')).toBe('Ask');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/page-${next.reason}-${width}.png` });
    }
  });

  it('keeps a conversation until a new one is begun', async () => {
    decision = { route: 'base', reason: 'chosen', confidence: null };
    const send = async (text: string, turns: number) => {
      await page.fill('#question', text);
      await page.click('#send');
      await expect.poll(() => page.locator('.answer').count()).toBe(turns);
      await expect.poll(() => page.textContent('#send')).toBe('Ask');
    };
    asked.length = 0;
    await page.setViewportSize({ width: 390, height: 800 });
    await send('Write a function that doubles its argument.', 1);
    await send('Now change it to times 5.', 2);
    expect(await page.inputValue('#question')).toBe('');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/page-conversation-390.png` });
    await page.click('#new');
    await send('Who are you?', 1);
    expect(asked).toEqual([['user'], ['user', 'assistant', 'user'], ['user']]);
  });
});
