/** What `cogumi data --out` writes, read by the trainers' own code: LLaMA-Factory's and axolotl's, from PyPI. TRL's is `datasets` alone. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COGUMI, ROOT } from '../start-cogumi.ts';

const READERS = ['llamafactory==0.9.5', 'axolotl==0.19.0', 'addict==2.4.0', 'colorama==0.4.6', 'accelerate==1.15.0'];
const LOADERS = ['datasets==5.2.0', 'omegaconf==2.4.0'];
const environment = join(ROOT, '.cache/trainer-readers');
const folder = mkdtempSync(join(tmpdir(), 'cogumi-readers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  if (existsSync(join(environment, 'ready'))) return;
  mkdirSync(environment, { recursive: true });
  const python = join(ROOT, '.venv/bin/python');
  const pip = (...args: string[]) =>
    execFileSync(join(environment, 'bin/python'), ['-m', 'pip', 'install', '-q', ...args], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'venv', environment]);
  // PyTorch and transformers are those of the engine.
  const site = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    encoding: 'utf8',
  });
  const [version = ''] = readdirSync(join(environment, 'lib'));
  writeFileSync(join(environment, 'lib', version, 'site-packages/engine.pth'), site);
  pip(...LOADERS);
  pip('--no-deps', ...READERS);
  writeFileSync(join(environment, 'ready'), '');
}, 900_000);

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string, more: object = {}) => ({ role: 'assistant', content, ...more });
const call = { function: { name: 'get_time', arguments: { zone: 'Europe/Rome', id: 1 } } };
const CHATS = [
  [{ role: 'system', content: 'Be brief.' }, user('What is the capital of France?'), assistant('It is Paris.')],
  [
    user('Tell me one thing about the sea.'),
    assistant('The sea holds most of the water on Earth.'),
    user('And another thing about mountains?'),
    assistant('Mountains are pushed up where plates of rock meet.'),
  ],
  [
    user('Which is the longest river of Europe?'),
    assistant('A wrong answer that nobody should learn.', { weight: 0 }),
    user('Are you sure about that river?'),
    assistant('No: the longest river of Europe is the Volga.'),
  ],
  [
    user('What time is it in the city of Rome?'),
    assistant('', { tool_calls: [call] }),
    { role: 'tool', content: '12:30' },
    assistant('It is half past twelve in Rome.'),
  ],
];
const CALL = '{"name":"get_time","arguments":{"zone":"Europe/Rome","id":1}}';
const [PARIS, SEA, MOUNTAINS, VOLGA, ROME] = [
  'It is Paris.',
  'The sea holds most of the water on Earth.',
  'Mountains are pushed up where plates of rock meet.',
  'No: the longest river of Europe is the Volga.',
  'It is half past twelve in Rome.',
];
/** The answers of each row that come out in a form; a row that a form cannot hold is left out by name. */
const LEARNED = {
  messages: [[PARIS], [SEA, MOUNTAINS], [VOLGA], [CALL, ROME]],
  sharegpt: [[PARIS], [SEA, MOUNTAINS], [CALL, ROME]],
  // LLaMA-Factory learns the earlier answers of `history`, too; axolotl's `alpaca` does not read them.
  alpaca: [[PARIS], [SEA, MOUNTAINS]],
};

function write(form: keyof typeof LEARNED, packed: boolean): string {
  const rows = join(folder, 'rows.jsonl');
  writeFileSync(rows, CHATS.map((messages) => `${JSON.stringify({ messages })}\n`).join(''));
  const out = join(folder, `${form}-${packed}`);
  if (existsSync(out)) return out;
  const args = ['data', 'filter', rows, '--out', out, '--format', form, '--store', join(folder, 'store')];
  execFileSync(process.execPath, [COGUMI, ...args, ...(packed ? ['--parquet'] : [])], { stdio: 'pipe' });
  return out;
}

function read(trainer: string, out: string): { learned: string[] }[] {
  const args = [join(ROOT, 'tests/exam/trainer_readers.py'), trainer, out, join(ROOT, 'models/seedling')];
  const printed = execFileSync(join(environment, 'bin/python'), args, { encoding: 'utf8', stdio: 'pipe' });
  return JSON.parse(/^ROWS (.*)$/m.exec(printed)?.[1] ?? 'null');
}

/** The entry of `datasets` that the card shows for axolotl. */
function axolotlEntry(out: string): object {
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  return parse(/axolotl:\n\n```yaml\n(.*?)```/s.exec(card)?.[1] ?? '').datasets[0];
}

const cases = (Object.keys(LEARNED) as (keyof typeof LEARNED)[]).flatMap((form) =>
  [false, true].map((packed) => [form, packed ? 'Parquet' : 'JSONL', packed] as const),
);

it.each(cases)(
  'axolotl learns the answers of %s in %s, with the settings of the card',
  {
    timeout: 300_000,
  },
  (form, _kind, packed) => {
    const out = write(form, packed);
    const learned = read(`axolotl:${JSON.stringify(axolotlEntry(out))}`, out).map((row) => row.learned);
    expect(learned).toEqual(form === 'alpaca' ? LEARNED.alpaca.map((answers) => answers.slice(-1)) : LEARNED[form]);
  },
);

it.each(cases)(
  'LLaMA-Factory learns the answers of %s in %s, by its dataset_info.json',
  {
    timeout: 300_000,
  },
  (form, _kind, packed) => {
    const learned = read('llamafactory', write(form, packed)).map((row) => row.learned);
    // It has no mark for an answer that is not to be learned, as the card says.
    const marked = ['A wrong answer that nobody should learn.', VOLGA];
    expect(learned).toEqual(LEARNED[form].map((answers) => (answers[0] === VOLGA ? marked : answers)));
  },
);
