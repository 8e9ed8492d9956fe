import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReportData } from './read-run.ts';
import { renderReport } from './render-report.ts';
import { wholeRun } from './testing/whole-run.ts';

/** Where Debian puts it; the page is looked at with the machine's own browser or not at all. */
const CHROMIUM = process.env.COGUMI_CHROMIUM ?? '/usr/bin/chromium';
/** How long the browser may take, which ends only what hangs (chosen). */
const PATIENCE_MS = 300_000;

/** Runs in the page: elements that are outside of it, or scroll sideways inside it. */
const OVERFLOWING = `() => {
  const right = document.documentElement.clientWidth + 1;
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const box = element.getBoundingClientRect();
    const outside = box.width > 0 && (box.right > right || box.left < -1);
    const cuts = /auto|scroll|hidden/.test(getComputedStyle(element).overflowX);
    const scrolls = cuts && element.scrollWidth > element.clientWidth + 1;
    return outside || scrolls ? [element.tagName + ' ' + element.textContent.slice(0, 40)] : [];
  });
}`;

describe('the report in a browser', () => {
  const hasBrowser = existsSync(CHROMIUM);
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (hasBrowser)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: PATIENCE_MS });
  });
  afterAll(async () => browser?.close());
  beforeEach(({ skip }) => skip(!hasBrowser, `no Chromium at ${CHROMIUM}`));

  /** What a function, as text, finds in the page at a width. */
  async function inPage<Found>(data: ReportData, width: number, look: string): Promise<Found> {
    const file = join(mkdtempSync(join(tmpdir(), 'cogumi-page-')), 'report.html');
    writeFileSync(file, renderReport(data));
    const page = await browser!.newPage({ viewport: { width, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    try {
      await page.goto(`file://${file}`);
      return await page.evaluate<Found>(`(${look})()`);
    } finally {
      await page.close();
    }
  }

  /** What is outside the page or scrolls inside it, at a width. */
  const overflowing = (data: ReportData, width: number) => inPage<string[]>(data, width, OVERFLOWING);

  it.each([1280, 390, 320])('cuts nothing off and scrolls nowhere sideways at %i px', async (width) => {
    expect(await overflowing(wholeRun(), width)).toEqual([]);
  });

  it.each([1280, 390])('writes thresholds in one line at %i px, however small they are', async (width) => {
    const data = wholeRun();
    const gates = data.gates.map((each) => ({ ...each, gate: { ...each.gate, threshold: 0.000009505 } }));
    const lines = "() => [...document.querySelectorAll('.gates .whole')].map((each) => each.getClientRects().length)";
    const found = await inPage<number[]>({ ...data, gates }, width, lines);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set([1]));
  });

  it('does neither with names, words and answers that have no place to break', async () => {
    expect(await overflowing(wholeRun('x'.repeat(90)), 390)).toEqual([]);
  });
});
