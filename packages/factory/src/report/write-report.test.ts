import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, ArtifactManifest, BuildEvent, Gate } from '@cogumi/contracts';
import { createLedger, openRecords } from '@cogumi/teachers/records';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countMoves, sampleAnswers } from './compare-answers.ts';
import { readRun } from './read-run.ts';
import { writeReport } from './write-report.ts';

const RUN = '20260102-030405-small';
const HOSTILE = '<script>fetch("https://evil.example")</script><img src=x onerror=alert(1)>';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'cogumi-report-'));
});
afterEach(() => rmSync(store, { recursive: true, force: true }));

const keyOf = (letter: string) => letter.repeat(64);
const gate = (name: string, more: Partial<Gate>): Gate => ({
  name,
  criterion: `what ${name} means`,
  bound: 'at-least',
  threshold: 0.9,
  measured: 0.95,
  interval: [0.9123, 0.9765],
  unit: 'share',
  evidence: `proof of ${name}`,
  verdict: 'pass',
  guard: false,
  advice: `fix ${name}`,
  ...more,
});
const answer = (id: string, correct: boolean, text = 'fine'): Answer => ({
  question_id: id,
  domain: 'coding',
  unseen: false,
  answer: text,
  tokens: 1,
  finish: 'stop',
  correct,
  reason: correct ? '' : 'no function f is defined',
});

function putArtifact(key: string, manifest: Partial<ArtifactManifest>, files: Record<string, string>): void {
  const folder = join(store, 'artifacts', key);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const whole = {
    schema: 1,
    key,
    kind: 'answers',
    stage: 'evaluate',
    stageVersion: 1,
    options: {},
    inputs: {},
    engine: null,
    gates: [],
    facts: {},
    files: Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, sha256: keyOf('0') })),
    ...manifest,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(whole));
}

function putRun(events: readonly BuildEvent[]): void {
  const folder = join(store, 'runs', RUN);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ name: 'small', note: HOSTILE }));
  const database = openRecords(store);
  const ledger = createLedger(database, { recipe: 'small', run: RUN, budget: 1 });
  const [id] = ledger.reserve([{ stage: 'distill', teacher: 'openai:small', tier: 1, key: 'k', worst: 5e8 }]) as [
    number,
  ];
  const usage = { inputTokens: 1234, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 56 };
  const reply = { text: 'yes', finish: 'stop', usage, model: 'small', requestId: null } as const;
  ledger.answered(id, reply, 123_400_000, true);
  database.close();
}

const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const score = { questions: 2, correct: 1, accuracy: 0.5, interval: [0.0945, 0.9055] };
const facts = { all: score, byDomain: { coding: { all: score, known: score, unseen: null } } };
const LOSSES = [
  { step: 0, kind: 'validation', loss: 2 },
  { step: 1, kind: 'train', loss: 1.9 },
  { step: 5, kind: 'validation', loss: 1.25 },
];

/** Base and modifier on two questions, one training, and a last stage that was blocked. */
function putSmallRun(): void {
  const questions = [
    { question_id: 'q1', question: `What is ${HOSTILE}?` },
    { question_id: 'q2', question: 'And two?' },
  ];
  putArtifact(keyOf('a'), { kind: 'questions', stage: 'questions' }, { 'questions.jsonl': jsonl(questions) });
  putArtifact(
    keyOf('b'),
    { inputs: { questions: keyOf('a') }, facts },
    { 'answers.jsonl': jsonl([answer('q1', false, HOSTILE), answer('q2', true)]) },
  );
  putArtifact(
    keyOf('c'),
    { inputs: { questions: keyOf('a'), against: keyOf('b') }, facts: { ...facts, comparedTo: keyOf('b') } },
    { 'answers.jsonl': jsonl([answer('q1', true), answer('q2', false)]) },
  );
  putArtifact(keyOf('d'), { kind: 'adapter', stage: 'train' }, { 'losses.jsonl': jsonl(LOSSES) });
  const stages = ['questions', 'evaluate.base', 'code.train', 'code.evaluate', 'bundle', 'validate'];
  const began = (stage: string, letter: string): BuildEvent => ({
    event: 'stage-start',
    at: 1000,
    stage,
    key: keyOf(letter),
  });
  const ended = (stage: string, outcome: 'done' | 'cached' | 'blocked', message = ''): BuildEvent => ({
    event: 'stage-end',
    at: 4000,
    stage,
    outcome,
    elapsedMs: 3000,
    message,
  });
  const judged = (stage: string, one: Gate, overridden = false): BuildEvent => ({
    event: 'gate-judged',
    at: 3000,
    stage,
    gate: one,
    overridden,
    candidate: null,
  });
  putRun([
    {
      event: 'build-start',
      at: 1000,
      run: RUN,
      recipe: 'small',
      stages,
      chapters: { questions: 'questions', 'evaluate.base': 'start', 'code.train': 'modifiers', bundle: 'bundle' },
      inputs: { bundle: ['code.train'], validate: ['bundle'] },
    },
    began('questions', 'a'),
    ended('questions', 'cached'),
    began('evaluate.base', 'b'),
    { event: 'stage-warning', at: 2000, stage: 'evaluate.base', message: `beware ${HOSTILE}` },
    judged('evaluate.base', gate('good', {})),
    judged('evaluate.base', gate('unsure', { verdict: 'inconclusive', threshold: 0.9321 }), true),
    ended('evaluate.base', 'done'),
    began('code.train', 'd'),
    ended('code.train', 'done'),
    began('code.evaluate', 'c'),
    judged('code.evaluate', gate('bad', { verdict: 'fail', measured: 0.4444, interval: [0.4111, 0.4888] })),
    ended('code.evaluate', 'done'),
    began('bundle', 'e'),
    ended('bundle', 'blocked', 'it stands on the failed gate code.evaluate/bad'),
    {
      event: 'build-end',
      at: 9000,
      outcome: 'gate-failed',
      elapsedMs: 8000,
      peakMemoryBytes: 1.5e9,
      bundle: null,
      digest: null,
      domains: [],
    },
  ]);
}

const report = async () => readFileSync(await writeReport(store, RUN), 'utf8');

describe('writeReport', () => {
  it('shows every gate with its figures, evidence and verdict, and advice only where it did not pass', async () => {
    putSmallRun();
    const page = await report();
    for (const text of ['0.95', '0.9123 – 0.9765', '0.9321', '0.4444', '0.4111 – 0.4888', 'what bad means'])
      expect(page).toContain(text);
    for (const name of ['good', 'unsure', 'bad']) expect(page).toContain(`proof of ${name}`);
    expect(page).toContain('fix bad');
    expect(page).toContain('fix unsure');
    expect(page).not.toContain('fix good');
    expect(page).toContain('1 of 3');
    // Once in the summary at the top, once in the table.
    expect(page.match(/>OVERRIDDEN</g)).toHaveLength(2);
  });

  it('names the stages that made nothing, with the reason', async () => {
    putSmallRun();
    const page = await report();
    expect(page).toContain('bundle, validate');
    expect(page).toContain('blocked: it stands on the failed gate code.evaluate/bad');
    expect(page).toContain('not started');
    expect(page).toContain('<dt>stages from the store</dt><dd>1 of 6</dd>');
  });

  it('shows what a stage that made nothing would have read, by the plan of the build', async () => {
    putSmallRun();
    const { stages } = await readRun(store, RUN);
    const inputs = Object.fromEntries(stages.map(({ id, inputs: read }) => [id, read]));
    expect(inputs).toMatchObject({ bundle: ['code.train'], validate: ['bundle'], 'code.evaluate': expect.any(Array) });
  });

  it('shows answers that no judge gave a verdict on as neither right nor wrong, and how many', async () => {
    putSmallRun();
    putArtifact(
      keyOf('c'),
      {
        inputs: { questions: keyOf('a'), against: keyOf('b') },
        facts: { ...facts, unmeasured: 7, comparedTo: keyOf('b') },
      },
      { 'answers.jsonl': jsonl([{ ...answer('q1', true), correct: null }, answer('q2', false)]) },
    );
    const page = await report();
    expect(page).toContain('code: 7 answers have no verdict');
    expect(page).toContain('>no verdict<');
    expect(page).toMatch(/Against base: <b[^>]*>0<\/b> became right, <b[^>]*>1<\/b> became wrong/);
  });

  it('shows the answers of two models side by side, the spend, the losses and the peak memory', async () => {
    putSmallRun();
    const page = await report();
    expect(page).toMatch(/Against base: <b[^>]*>1<\/b> became right, <b[^>]*>1<\/b> became wrong/);
    expect(page).toContain('no function f is defined');
    expect(page).toMatch(
      /<td data-label="teacher">openai:small<\/td><td data-label="tier">2<\/td>.*1,234.*56.*0\.1234/,
    );
    expect(page).toContain('validation 1.25');
    expect(page).toContain('1.50 GB');
  });

  it('escapes the text of answers, recipes and warnings', async () => {
    putSmallRun();
    const page = await report();
    expect(page).not.toMatch(/<script|<img/i);
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('makes no network request', async () => {
    putSmallRun();
    const page = await report();
    // Every attribute with an address points into the page or to a data URL.
    for (const [, address] of page.matchAll(/\s(?:src|href|srcset|action|data|poster)="([^"]*)"/g))
      expect(address).toMatch(/^(#|data:)/);
    expect(page).not.toMatch(/url\(|@import/);
    expect(page).toContain(`default-src 'none'`);
  });

  it('finds losses and evaluations by the kind and files of an artifact, whatever its stage is called', async () => {
    const questions = [{ question_id: 'q1', question: 'One?' }];
    const training = [{ question_id: 'q1', question: 'From the training split?' }];
    const of = (key: string, against: string | null, more: Record<string, string> = {}) => ({
      ...{ stage: 'measure', inputs: { questions: key, ...more } },
      facts: { ...facts, comparedTo: against },
    });
    putArtifact(
      keyOf('a'),
      { kind: 'questions', stage: 'ask', facts: { split: 'test' } },
      { 'questions.jsonl': jsonl(questions) },
    );
    putArtifact(
      keyOf('f'),
      { kind: 'questions', stage: 'ask', facts: { split: 'train' } },
      { 'questions.jsonl': jsonl(training) },
    );
    putArtifact(keyOf('1'), { kind: 'gguf-adapter', stage: 'convert' }, { 'adapter.gguf': '' });
    putArtifact(keyOf('2'), of(keyOf('a'), null), { 'answers.jsonl': jsonl([answer('q1', false)]) });
    putArtifact(keyOf('3'), of(keyOf('a'), keyOf('2'), { part: keyOf('1') }), {
      'answers.jsonl': jsonl([answer('q1', true)]),
    });
    putArtifact(keyOf('4'), of(keyOf('f'), null), { 'answers.jsonl': jsonl([answer('q1', true, 'pass at one')]) });
    putArtifact(keyOf('5'), { kind: 'model', stage: 'recover' }, { 'losses.jsonl': jsonl(LOSSES) });
    const keys = {
      ask: 'a',
      prompts: 'f',
      convert: '1',
      'measure.start': '2',
      'law.measure': '3',
      'law.try': '4',
      recover: '5',
    };
    putRun([
      {
        event: 'build-start',
        at: 1000,
        run: RUN,
        recipe: 'small',
        stages: Object.keys(keys),
        chapters: {},
        inputs: {},
      },
      ...Object.entries(keys).map(
        ([stage, letter]): BuildEvent => ({ event: 'stage-start', at: 1000, stage, key: keyOf(letter) }),
      ),
    ]);
    const page = await report();
    expect(page).toContain('<figcaption>recover');
    expect(page).toContain('validation 1.25');
    expect(page).toMatch(/<h3>law<\/h3><p[^>]*>Against start: <b[^>]*>1<\/b> became right/);
    const accuracy = page.slice(page.indexOf('<h2>Accuracy by domain'), page.indexOf('<h2>Before and after'));
    expect([...accuracy.matchAll(/<td>([a-z.]+)<\/td>/g)].map(([, name]) => name)).toEqual(['start', 'law']);
    expect(accuracy.match(/class="accuracy own"/g)).toHaveLength(1);
    expect(page).toContain('One?');
    expect(page).not.toContain('From the training split?');
    expect(page).not.toContain('pass at one');
  });

  it('leaves out sections without data, and names the files that it could not read', async () => {
    putSmallRun();
    writeFileSync(join(store, 'artifacts', keyOf('c'), 'answers.jsonl'), '{"cut');
    rmSync(join(store, 'artifacts', keyOf('d')), { recursive: true });
    const page = await report();
    for (const title of ['Router', 'Served', 'Loss', 'Before and after']) expect(page).not.toContain(`<h2>${title}`);
    expect(page).toContain('<h2>Not readable');
    expect(page).toContain('code.evaluate/answers.jsonl');
  });

  it('begins with what the build was for: each domain beside the base, the route that answers, and a mark for a fall', async () => {
    const result = (domain: string, route: string, right: number, change: string) => ({
      ...{ domain, route, questions: 200, right, startRight: 100, change },
    });
    const domains = [
      result('math', 'base', 60, 'down'),
      result('reading', 'base', 97, 'unclear'),
      result('coding', 'code', 150, 'up'),
    ];
    putArtifact(keyOf('7'), { kind: 'comparison', stage: 'weigh', facts: { domains } }, {});
    putRun([
      { event: 'build-start', at: 1000, run: RUN, recipe: 'small', stages: ['weigh'], chapters: {}, inputs: {} },
      { event: 'stage-start', at: 1000, stage: 'weigh', key: keyOf('7') },
    ]);
    const page = await report();
    const lead = page.slice(page.indexOf('<h1>'), page.indexOf('<dl>'));
    expect(lead).toContain('small answers <b>51.2%</b> of 600 held-out questions right.');
    const rows = [...lead.slice(lead.indexOf('<tbody>')).matchAll(/<tr><th>(.*?)<\/tr>/g)].map(([, row]) =>
      row!.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
    );
    expect(rows).toEqual([
      expect.stringMatching(/^coding 75\.0% .*50\.0% ▲ \+25\.0 points modifier code/),
      expect.stringMatching(/^math 30\.0% .*50\.0% ▼ −20\.0 points no modifier/),
      expect.stringMatching(/^reading 48\.5% .*50\.0% ▽ −1\.5 points no modifier/),
    ]);
  });

  it('says of a gate over nothing that nothing was measured, and does not count it as passed or as a problem', async () => {
    putRun([
      {
        ...{ event: 'gate-judged', at: 1, stage: 'filter', overridden: false, candidate: null },
        gate: gate('no-pii', { verdict: 'skipped', measured: 0, interval: null, evidence: 'rows.jsonl: 0 rows' }),
      },
    ]);
    const page = await report();
    expect(page).toContain('0 of 1, 1 skipped');
    expect(page).toContain('nothing to measure');
    expect(page).not.toContain('class="open"');
    expect(page).not.toContain('fix no-pii');
    expect(page).toContain('<code class="id">filter/no-pii</code>');
  });

  it('shows the pipeline by chapter, each stage after the one that it reads', async () => {
    putSmallRun();
    const page = await report();
    const pipeline = page.slice(page.indexOf('<h2>Pipeline'), page.indexOf('<h2>Time and size'));
    const places = ['questions', 'start', 'modifiers', 'bundle'].map((chapter) =>
      pipeline.indexOf(`<b>${chapter}</b>`),
    );
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(places[0]).toBeGreaterThan(0);
    expect(pipeline).toContain('<span class="reads">+ code.train</span>');
  });

  it('reports a build that was killed before its first event as unfinished', async () => {
    putRun([]);
    expect(await report()).toContain('unfinished');
  });
});

describe('sampleAnswers', () => {
  const many = Array.from({ length: 300 }, (_, at) => answer(`q${at}`, at % 2 === 0));

  it('samples the same answers in whatever order they come', () => {
    const ids = (answers: readonly Answer[]) => sampleAnswers(answers, 12).map(({ question_id }) => question_id);
    expect(ids(many)).toHaveLength(12);
    expect(ids(many.toReversed())).toEqual(ids(many));
  });

  it('does not follow an alternating order: of 300 answers that alternate, a third to two thirds of 60 are correct', () => {
    const right = sampleAnswers(many, 60).filter(({ correct }) => correct).length;
    expect(right).toBeGreaterThan(20);
    expect(right).toBeLessThan(40);
  });
});

describe('countMoves', () => {
  it('compares by question and ignores questions that only one model answered', () => {
    const before = [answer('a', true), answer('b', true), answer('c', false), answer('d', false), answer('e', true)];
    const after = [answer('d', false), answer('c', true), answer('b', false), answer('a', true), answer('x', true)];
    expect(countMoves(before, after)).toEqual({ gained: 1, lost: 1, bothRight: 1, bothWrong: 1 });
  });
});
