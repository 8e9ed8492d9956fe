import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { sharedData } from '../packages/pure/src/testing/shared-data.ts';
import { startCogumi } from './start-cogumi.ts';

const SETS = {
  cleaned: 'alpaca/alpaca_cleaned.jsonl.gz',
  original: 'alpaca/alpaca_original_5000.json.gz',
  code: 'codealpaca/new_codealpaca.json.gz',
  dolly: 'dolly/dolly_6400_flan_t5_xl.jsonl.gz',
  gsm8k: 'gsm8k/train.jsonl.gz',
} as const;

const folder = mkdtempSync(join(tmpdir(), 'cogumi-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Asked {
  readonly instruction: string;
  readonly input: string;
}
const promptOf = ({ instruction, input }: Asked) => `${instruction}\n${input}`;
const textOf = (path: string) => gunzipSync(readFileSync(sharedData(path))).toString('utf8');
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

it('takes five real sets through import, scores, deduplication and checks, and accounts for every row', async () => {
  const sources = Object.entries(SETS).map(([name, path]) => ({ name, path: sharedData(path) }));
  const files = ['mmlu/val.jsonl.gz', ...readdirSync(sharedData('bbh')).map((name) => `bbh/${name}`)];
  const benchmarks = files.map((path) => ({ name: path, path: sharedData(path) }));
  const settings = {
    'import.sources': sources,
    // What people would call the same question; the original loses nearly all of its rows to the cleaned set.
    'dedup.text': 'question',
    'dedup.mostLost': 1,
    'filter.benchmarks': benchmarks,
  };
  const out = join(folder, 'out');
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${JSON.stringify(value)}`]);
  const store = join(folder, 'store');
  const { code, stderr, events } = await startCogumi([
    'data',
    'filter',
    ...Object.values(SETS).map(sharedData),
    '--store',
    store,
    '--out',
    out,
    '--json',
    ...set,
  ]).finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const keys = new Map(events.flatMap((event) => (event.event === 'stage-start' ? [[event.stage, event.key]] : [])));
  const folderOf = (stage: string) => join(store, 'artifacts', keys.get(stage)!);
  const factsOf = (stage: string) => JSON.parse(readFileSync(join(folderOf(stage), 'manifest.json'), 'utf8')).facts;
  const [imported, curated, unlike, verified] = ['import', 'curate', 'dedup', 'filter'].map(factsOf);
  const reads = { cleaned: 51_924, original: 5_000, code: 4_535, dolly: 6_400, gsm8k: 7_473 };
  for (const [at, [name, read]] of Object.entries(reads).entries()) {
    const steps = [
      imported.bySource[`${at} ${name}`],
      curated.bySource[name],
      unlike.bySource[name],
      verified.bySource[name],
    ];
    expect(steps[0]).toMatchObject({ read });
    expect(steps[0].taken + steps[0].rejected).toBe(read);
    expect(steps[1].read).toBe(steps[0].taken);
    expect(steps[2].read).toBe(steps[1].kept);
    expect(steps[2].kept).toBe(steps[2].read - steps[2].exact - steps[2].near);
    expect(steps[3].read).toBe(steps[2].kept);
  }
  expect(linesOf(join(out, 'rows.jsonl'))).toHaveLength(verified.rows);

  // 4,924 prompts are in both Alpaca sets: one row of each is kept, and the other is rejected by some stage.
  const cleaned = new Set(
    textOf(SETS.cleaned)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => promptOf(JSON.parse(line))),
  );
  const shared = (JSON.parse(textOf(SETS.original)) as Asked[])
    .map((row, at) => ({ at, prompt: promptOf(row) }))
    .filter(({ prompt }) => cleaned.has(prompt));
  expect(shared).toHaveLength(4_924);
  const ids = (stage: string, file: string) =>
    new Set(linesOf(join(folderOf(stage), file)).map(({ question_id }) => question_id as string));
  const [duplicates, lowScores, left] = [
    ids('dedup', 'rejected.jsonl'),
    ids('curate', 'rejected.jsonl'),
    ids('filter', 'rows.jsonl'),
  ];
  const unusable = new Set(
    linesOf(join(folderOf('import'), 'rejected.jsonl')).flatMap(({ source, number }) =>
      source === 'original' ? [number as number] : [],
    ),
  );
  const counts = { import: 0, curate: 0, dedup: 0, kept: 0 };
  for (const { at } of shared) {
    const id = `import_1_${String(at + 1).padStart(6, '0')}`;
    if (duplicates.has(id)) counts.dedup++;
    else if (lowScores.has(id)) counts.curate++;
    else if (left.has(id)) counts.kept++;
    else if (unusable.has(at + 1)) counts.import++;
  }
  // For eight prompts the original row is better, or the cleaned one was too long.
  expect(counts).toEqual({ import: 148, curate: 0, dedup: 4_768, kept: 8 });
  const questions = linesOf(join(out, 'rows.jsonl')).map(({ question }) => question as string);
  const asked = new Set(shared.map(({ prompt }) => prompt.trim()));
  const once = questions.filter((question) => asked.has(question));
  expect(new Set(once).size).toBe(once.length);

  // Contamination is reported by benchmark and by row.
  const items = Object.values(verified.benchmarks as Record<string, { items: number }>).reduce(
    (sum, one) => sum + one.items,
    0,
  );
  expect(items).toBe(1_542 + 14 * 250);
  const contaminated = linesOf(join(out, 'contamination.jsonl'));
  expect(contaminated).toHaveLength(
    Object.values(verified.contamination as Record<string, number>).reduce((sum, count) => sum + count, 0),
  );
});
