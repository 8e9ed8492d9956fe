import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRow } from '../testing/sample-row.ts';
import type { Preview } from './preview.ts';
import { startViewer, type Viewer } from './start-viewer.ts';
import { type Chain, createChain, HOSTILE } from './testing/create-chain.ts';

/** Where Debian puts it; the page is looked at with the machine's own browser or not at all. */
const CHROMIUM = process.env.COGUMI_CHROMIUM ?? '/usr/bin/chromium';
/** How long the browser may take, which ends only what hangs (chosen). */
const PATIENCE_MS = 300_000;

let browser: Browser;
let page: Page;
let chain: Chain;
let viewer: Viewer;
/** Messages of the browser: script errors, and what the page's policy refused. */
const complaints: string[] = [];

const row = (id: number, more: object = {}) => ({
  ...sampleRow({
    question_id: `r${id}`,
    question: `Question ${id}?`,
    answer: `Answer ${id}.`,
    source: id % 2 ? 'odd' : 'even',
  }),
  score: 0.5 + (id % 50) / 100,
  ...more,
});

/** A call that is not learned, and its result. */
const STEPS = [
  { role: 'assistant', content: '{"name":"look"}', train: false, reasoning: 'I have to look.' },
  { role: 'tool', content: 'nothing' },
];

/** Words as tokens; those of the answer are trained, except if the answer is `silence`. */
const preview: Preview = async (rows) =>
  rows.map(({ question_id, question, answer }) => {
    const split = (text: unknown, trained: boolean) =>
      (String(text).match(/\S+\s*/g) ?? []).map((word, id) => ({ id, text: word, trained, special: false }));
    const mark = { id: 2, text: '<|im_end|>', trained: answer !== 'silence', special: true };
    const tokens = [...split(`${question}\n`, false), ...split(answer, answer !== 'silence'), mark];
    return { question_id: String(question_id), tokens, reason: null };
  });

const open = async (place = '') => {
  await page.goto(viewer.url + (place && `#${place}`));
  await page.locator('#list .row').first().waitFor();
};
const questions = () => page.locator('#list .question').allInnerTexts();
const focused = () => page.evaluate<string>('document.activeElement.textContent');

describe('the page', () => {
  const hasBrowser = existsSync(CHROMIUM);
  beforeAll(async () => {
    if (!hasBrowser) return;
    chain = createChain();
    const imported = Array.from({ length: 120 }, (_, id) => row(id));
    chain.put('import', {
      'rows.jsonl': [...imported, row(200, { answer: 'silence', steps: STEPS, reasoning: 'Why not.' })],
      'rejected.jsonl': [{ line: 3, reason: 'no answer' }],
    });
    chain.put('curate', {
      'rows.jsonl': imported.slice(0, 100),
      'rejected.jsonl': imported.slice(100).map(({ question_id }) => ({ question_id, score: 0.1, reason: 'score' })),
    });
    chain.put('dedup', {
      'rows.jsonl': imported.slice(0, 90),
      'rejected.jsonl': imported.slice(90, 100).map((one) => ({ ...one, canonical: 'r7', similarity: 0.9 })),
    });
    chain.put(HOSTILE.replaceAll(/[/\0\ud800]/g, ''), {
      'rows.jsonl': [
        row(300, { question: HOSTILE, answer: HOSTILE, source: HOSTILE, licence: HOSTILE, [HOSTILE]: HOSTILE }),
        row(301, { answer: 'long '.repeat(40_000) }),
      ],
      'rejected.jsonl': [{ question_id: 'r302', source: HOSTILE, reason: HOSTILE }],
    });
    viewer = await startViewer({ sets: chain.sets, port: 0, preview, scanMilliseconds: PATIENCE_MS });
    await viewer.indexed;
    const args = ['--headless', '--no-sandbox', '--disable-background-networking', '--disable-component-update'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args, timeout: PATIENCE_MS });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await viewer?.close();
    chain?.remove();
    expect(complaints).toEqual([]);
  });
  beforeEach(async ({ skip }) => {
    skip(!hasBrowser, `no Chromium at ${CHROMIUM}; set COGUMI_CHROMIUM`);
    await page.goto('about:blank');
  });

  it('shows the stages with their kept and rejected rows, and the first rows', async () => {
    await open();
    const stages = await page.locator('#chain .stage').allInnerTexts();
    expect(stages[0]).toMatch(/import\s+121 rows\s+1 rejected/);
    expect(stages[2]).toMatch(/dedup\s+90 rows\s+10 rejected/);
    expect(await questions()).toHaveLength(50);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Rows 51 to 100 of 121').waitFor();
    await page.goBack();
    await page.getByText('Rows 1 to 50 of 121').waitFor();
  });

  it('shows the whole chat of an open row: steps, reasoning, and which turn is not learned', async () => {
    await open('set=0&file=rows.jsonl&from=120&line=120');
    const turns = page.locator('.turn');
    await turns.first().waitFor();
    const shown = (await turns.allInnerTexts()).map((text) => text.split(/\n+/));
    expect(shown).toEqual([
      ['user', 'Question 200?'],
      ['assistant · not learned', 'I have to look.', '{"name":"look"}'],
      ['tool', 'nothing'],
      ['assistant', 'Why not.', 'silence'],
    ]);
    expect(await page.locator('#list .badge', { hasText: '2 steps' }).count()).toBe(1);
  });

  it('filters by a selected facet, by typed text and by a bar of the histogram, and clears filters', async () => {
    await open();
    await page.getByLabel('source').selectOption('odd');
    await page.getByText('50 found').waitFor();
    expect((await questions()).slice(0, 2)).toEqual(['Question 1?', 'Question 3?']);
    await page.getByLabel('search').fill('ANSWER 113');
    await page.getByText('1 found, 121 of 121 rows searched').waitFor();
    expect(await questions()).toEqual(['Question 113?']);
    await page.getByLabel('search').blur();
    await page.getByRole('button', { name: 'clear filters' }).click();
    await page.getByText('Rows 1 to 50 of 121').waitFor();
    await page.getByRole('button', { name: /^0.50 to 0.55: / }).click();
    await page.getByText(/^\d+ found/).waitFor();
    expect(await questions()).toContain('Question 104?');
    expect(await questions()).not.toContain('Question 105?');
  });

  it('counts the reasons of rejected rows, filters by one, and shows the text from the stage before', async () => {
    await open();
    await page.getByRole('button', { name: /^curate/ }).click();
    await page.getByRole('tab', { name: /rejected/ }).click();
    await page.locator('.reason', { hasText: 'score' }).click();
    await page.getByText('20 found, 20 of 20 rows searched').waitFor();
    expect((await questions())[0]).toBe('Question 100?');
    await page.locator('#list .row').first().click();
    await page.locator('.trace').waitFor();
    expect(await page.locator('.trace').textContent()).toMatch(
      /import\/rows.jsonl line 101.*curate\/rejected.jsonl line 1, score 0.10, score/,
    );
    await page.getByRole('heading', { name: 'Score 0.' }).waitFor();
  });

  it('opens a cluster, and one of its rows beside the canonical row with the differing words marked', async () => {
    await open('set=2&file=rejected.jsonl&tab=clusters');
    await page.locator('.cluster').click();
    await page.getByText('10 found').waitFor();
    expect(await page.locator('.canonical .question').textContent()).toBe('Question 7?');
    await page.locator('ol.rows .row').first().click();
    await page.getByRole('tab', { name: 'Canonical' }).click();
    await page.locator('mark').first().waitFor();
    expect(await page.locator('mark').allInnerTexts()).toEqual(['7', '90', '7', '90']);
  });

  it('colours trained tokens, and shows an alert if there are none', async () => {
    await open('set=0&file=rows.jsonl&line=4&view=tokens');
    await page.locator('.tokens').waitFor();
    expect(await page.locator('.tokens .trained').allInnerTexts()).toEqual(['Answer ', '4.', '<|im_end|>']);
    expect(await page.locator('.tokens .special').allInnerTexts()).toEqual(['<|im_end|>']);
    expect(await page.locator('#row .summary').textContent()).toContain(
      '5 tokens · 3 trained (60.0%) · 2 context · 1 special',
    );
    // As text: the types of the browser are not known here.
    const colour = (which: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${which}')).backgroundColor`);
    expect(await colour('.tokens .trained')).not.toBe(await colour('.tokens .token:not(.trained)'));
    await open('set=0&file=rows.jsonl&from=120&line=120&view=tokens');
    const refusal = page.getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.textContent()).toBe('Training learns nothing from this row. The row has no trained token.');
    expect(await page.locator('.tokens .trained').count()).toBe(0);
  });

  it('can be used with the keyboard only', async () => {
    await open();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused()).toContain('Question 1?');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'r1', exact: true }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'r2', exact: true }).waitFor();
    await page.keyboard.press('2');
    await page.locator('.tokens').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#row').waitFor({ state: 'hidden' });
    expect(await focused()).toContain('Question 2?');
    await page.keyboard.press(']');
    await page.getByText('Rows 51 to 100').waitFor();
    await page.keyboard.press('[');
    await page.getByText('Rows 1 to 50').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('answer 77');
    await page.getByText('1 found').waitFor();
    expect(page.url()).toContain('text=answer+77');
  });

  it('shows hostile text as plain text, and makes invisible characters visible', async () => {
    for (const view of ['', 'tokens']) {
      await open(`set=3&file=rows.jsonl&line=0&view=${view}`);
      await page.locator(view === '' ? '.fields' : '.tokens').waitFor();
      expect(await page.evaluate<boolean>("'owned' in globalThis")).toBe(false);
      expect(await page.locator('img, #row script, #list script').count()).toBe(0);
      expect(await page.locator('#row').textContent()).toContain('<script>owned=1</script>');
      expect(await page.locator('#row .unseen').allInnerTexts()).toEqual(
        expect.arrayContaining(['ESC', 'U+202E', 'NUL', 'U+D800']),
      );
    }
  });

  it('makes invisible characters visible in sources, facet values and reasons too', async () => {
    const marks = expect.arrayContaining(['ESC', 'U+202E', 'NUL', 'U+D800']);
    await open('set=3&file=rows.jsonl');
    await page.locator('#scores th').first().waitFor();
    expect(await page.locator('#scores th .unseen').allInnerTexts()).toEqual(marks);
    const option = await page.locator('select[name=source] option', { hasText: 'owned' }).textContent();
    expect(option).toContain('ESC[31mU+202Egnp.exeNULU+D800</pre> (1)');
    await open('set=3&file=rejected.jsonl');
    await page.locator('.reason').waitFor();
    expect(await page.locator('.reason .unseen').allInnerTexts()).toEqual(marks);
  });

  it('requests the tokens of a line again once it is found, if its link was opened before', async () => {
    let asked = 0;
    const early = () => asked < 3;
    await page.route('**/api/sets?*', async (route) => {
      asked++;
      const response = await route.fetch();
      const { sets, ...rest } = (await response.json()) as { sets: { files: object[] }[] };
      Object.assign(sets[0]!.files[0]!, { done: false, ...(early() && { rows: 0, indexed: 0 }) });
      await route.fulfill({ json: { ...rest, sets } });
    });
    await page.route('**/api/row?*', async (route) => {
      const error = { message: 'rows.jsonl has 0 lines so far.', hint: '' };
      await (early() ? route.fulfill({ status: 404, json: { error } }) : route.fallback());
    });
    await open('set=0&file=rows.jsonl&line=4&view=tokens');
    await page.getByRole('alert').getByText('0 lines so far').waitFor();
    await page.locator('.tokens').waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    // The browser logs the status as an error; this one is expected.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
  });

  it('draws a whole row of 200 KB, and its first tokens with a button for the rest', async () => {
    await open('set=3&file=rows.jsonl&line=1');
    await page.locator('.fields').waitFor();
    expect((await page.locator('.turn.assistant .said').textContent())?.length).toBe('long '.repeat(40_000).length);
    await page.keyboard.press('2');
    await page.getByRole('button', { name: 'show the other 36,003 tokens' }).waitFor();
    expect(await page.locator('.tokens .token').count()).toBe(4000);
  });

  it('says how to show tokens if no model was given', async () => {
    const bare = await startViewer({ sets: chain.sets, port: 0 });
    await page.goto(`${bare.url}#set=0&file=rows.jsonl&line=0&view=tokens`);
    await page.getByText('--model FOLDER').waitFor();
    await bare.close();
  });
});
