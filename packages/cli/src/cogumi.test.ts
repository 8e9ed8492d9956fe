import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type BundleParts, writeBundle } from '@cogumi/factory';
import { sha, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summaries, VERBS } from './verbs/index.ts';

const LAUNCHER = join(import.meta.dirname, '../bin/cogumi.mjs');

let folder: string;
let bundle: string;
let digest: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cogumi-'));
  bundle = join(folder, 'sample.cogumi');
  const model = await tinyModel();
  const base = sha(model);
  await writeFile(join(folder, 'model.gguf'), model);
  await writeFile(join(folder, 'code.gguf'), tinyAdapter(1));
  const parts: BundleParts = {
    output: bundle,
    name: 'sample',
    description: 'A sample.',
    base: { path: join(folder, 'model.gguf'), parameters: 513_048, contextTokens: 4096, quantization: 'f16' },
    modifiers: [{ name: 'code', path: join(folder, 'code.gguf'), base, domain: 'coding', rank: 4 }],
    router: {
      base,
      weights: {
        schema: 1,
        routes: ['base', 'code'],
        features: { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) },
        layers: [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, 1] }],
        perplexityBound: 1e9,
      },
    },
    documents: [{ mediaType: 'text/markdown', title: 'README.md', text: '# sample\n' }],
    gates: [],
    lineage: {},
    licences: ['MIT'],
  };
  digest = (await writeBundle(parts)).digest;
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts of Node in the time in which `--help` is there (chosen; 1.4 were measured). */
const MOST_STARTS = 4;

function start(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): ChildProcess {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      COGUMI_COMMAND: 'cogumi',
      COGUMI_CACHE: join(folder, 'cache'),
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      ...env,
    },
  });
  child.stdin!.on('error', () => {});
  child.stdin!.end(input);
  return child;
}

async function cogumi(args: string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const child = start(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => (stdout += chunk));
  child.stderr!.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}

describe('cogumi', () => {
  it('prints its verbs and its version nearly as soon as Node starts', async () => {
    const { code, stdout } = await cogumi(['--help']);
    // In processor time, side by side, the best of five each, so that other processes do not matter.
    const tells = `process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      require('node:fs').writeSync(3, String(user + system));
    })`;
    await writeFile(join(folder, 'tells.cjs'), tells);
    const best = { node: Number.POSITIVE_INFINITY, cogumi: Number.POSITIVE_INFINITY };
    for (let turn = 0; turn < 5; turn++) {
      for (const [name, args] of [
        ['node', ['-e', '']],
        ['cogumi', [LAUNCHER, '--help']],
      ] as const) {
        const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
        const child = spawn(process.execPath, ['--require', join(folder, 'tells.cjs'), ...args], { stdio: [...stdio] });
        best[name] = Math.min(best[name], Number(await text(child.stdio[3] as Readable)));
      }
    }
    expect(best.cogumi / best.node).toBeLessThan(MOST_STARTS);
    expect(code).toBe(0);
    for (const name of Object.keys(VERBS)) expect(stdout).toContain(`  ${name}`);
    expect(Object.keys(VERBS)).toEqual(Object.keys(summaries));
    expect((await cogumi(['--version'])).stdout).toMatch(/^cogumi \d+\.\d+\.\d+\n$/);
  });

  it('suggests the nearest verb and option, and exits with 3', async () => {
    const verb = await cogumi(['verfy']);
    expect(verb).toMatchObject({ code: 3, stdout: '' });
    expect(verb.stderr).toBe(
      'error USAGE: There is no verb "verfy". Did you mean "verify"?\n  `cogumi --help` lists all verbs.\n',
    );
    const option = await cogumi(['serve', '--prot', '1']);
    expect(option.code).toBe(3);
    expect(option.stderr).toContain('Did you mean --port?');
    const meant = async (...args: string[]) => /Did you mean (\S+)\?/.exec((await cogumi(args)).stderr)?.[1] ?? null;
    expect(await meant('chat', '--temp', '1')).toBe('--temperature');
    expect(await meant('verify', '--hepl')).toBe('--help');
    expect(await meant('verify', '--heat')).toBe(null);
    for (const args of [
      ['verify', 'a', 'b'],
      ['serve', '--port'],
      ['serve', '--port', 'x'],
      ['serve', '--json=1'],
      ['verify'],
    ]) {
      expect(await cogumi(args), args.join(' ')).toMatchObject({ code: 3, stdout: '' });
    }
  });

  it('prints errors as JSON with --json, and never a stack trace', async () => {
    const { code, stdout, stderr } = await cogumi(['verify', 'nowhere.cogumi', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout).error.code).toBe('BUNDLE_NOT_FOUND');
    expect((await cogumi(['verify', 'nowhere.cogumi'])).stderr).not.toMatch(/at .*\.ts/);
  });
});

describe('cogumi build with teachers that cost', () => {
  const recipe = async (more: object = {}) => {
    const path = join(folder, 'paid.json');
    const synthesize = { domains: { math: { easy: 20 } }, tiers: ['openai:gpt-4o-mini'] };
    await writeFile(path, JSON.stringify({ name: 'paid', make: 'data', synthesize, budget: { money: 1 }, ...more }));
    return ['build', path, '--store', join(folder, 'paid-store')];
  };

  it('spends nothing before the user confirms', async () => {
    const { code, stderr } = await cogumi(await recipe(), { env: { OPENAI_API_KEY: 'sk-test' } });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /Teachers will cost about \$0\.0\d and at most the budget of \$1\.00; nothing has been spent/,
    );
    expect(stderr).toContain('--yes');
  });

  it('reports a missing key, an unknown price and an impossible budget before anything starts', async () => {
    const noKey = await cogumi([...(await recipe()), '--yes'], { env: { OPENAI_API_KEY: '' } });
    expect(noKey.stderr).toMatch(/TEACHERS_UNREADY: openai needs a key; OPENAI_API_KEY is not set/);
    const unknown = { synthesize: { domains: { math: { easy: 20 } }, tiers: ['openai:unheard-of'] } };
    const noPrice = await cogumi([...(await recipe(unknown)), '--yes'], { env: { OPENAI_API_KEY: 'sk-test' } });
    expect(noPrice.stderr).toMatch(/PRICE_UNKNOWN: The price of openai:unheard-of is not known/);
    const noMoney = await cogumi(await recipe({ budget: { money: 0 } }), { env: { OPENAI_API_KEY: 'sk-test' } });
    expect(noMoney.stderr).toMatch(/BUDGET_IMPOSSIBLE: .*budget\.money is \$0\.0000/);
    expect([noKey.code, noPrice.code, noMoney.code]).toEqual([3, 3, 3]);
  });
});

describe('cogumi plan', () => {
  const recipe = async (budget: object) => {
    const path = join(folder, 'large.json');
    const synthesize = { domains: { math: { easy: 3000 } } };
    await writeFile(path, JSON.stringify({ name: 'large', make: 'data', synthesize, budget }));
    return path;
  };

  it.each([
    [{ memory: 1e6 }, 'BUDGET_IMPOSSIBLE', /holds about \d{9} bytes of memory, budget\.memory is 1000000/],
    [{ bytes: 1000 }, 'BUDGET_IMPOSSIBLE', /writes about \d{6,} bytes, budget\.bytes is 1000/],
    [{ hours: 1e-6 }, 'BUDGET_IMPOSSIBLE', /takes about 0\.\d\d h, budget\.hours is 0\.000001/],
  ])('shows every stage of a plan that exceeds %o, with the reason below', async (budget, code, reason) => {
    const args = ['plan', await recipe(budget), '--store', 'plan-store'];
    const shown = await cogumi(args);
    expect(shown.code).toBe(3);
    for (const stage of ['questions', 'synthesize', 'mix', 'remaining']) expect(shown.stdout).toContain(`  ${stage} `);
    expect(shown.stderr).toMatch(reason);
    const plan = JSON.parse((await cogumi([...args, '--json'])).stdout);
    expect(plan.stages.map(({ id }: { id: string }) => id)).toContain('synthesize');
    expect(plan.refusal).toMatchObject({ code, message: expect.stringMatching(reason), hint: expect.any(String) });
  });

  it('shows why the whole recipe would not start after its sample was built', async () => {
    const path = await recipe({ bytes: 200_000 });
    const { code, stdout, stderr } = await cogumi(['build', path, '--sample', '2', '--store', 'sample-store']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/The whole recipe will take about .*\nIt would not start: .*budget\.bytes is 200000/);
  });
});

describe('cogumi data', () => {
  it('runs a file through all stages, explains a removed row and serves the viewer', async () => {
    const rows = ['What is a river?', 'What is a lake?', 'What is a lake?'].map((instruction, at) => {
      return JSON.stringify({
        instruction,
        output: `Water that ${at === 0 ? 'flows to the sea' : 'stays where it is'}, write to jo@lake.org.`,
      });
    });
    await writeFile(join(folder, 'water.jsonl'), `${rows.join('\n')}\nno json\n`);
    const made = await cogumi(['data', 'filter', 'water.jsonl', '--store', 'data-store', '--out', 'water']);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    const kept = (await readFile(join(folder, 'water/rows.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(kept.map(({ question }) => question).sort()).toEqual(['What is a lake?', 'What is a river?']);
    expect(kept.every(({ answer }) => answer.endsWith('write to [EMAIL].'))).toBe(true);

    const gone = ['import_0_000002', 'import_0_000003'].find(
      (id) => !kept.some(({ question_id }) => question_id === id),
    )!;
    const explained = (await cogumi(['data', 'explain', gone, '--store', 'data-store'])).stdout;
    expect(explained).toMatch(/dedup +rejected\.jsonl:1 +exact, 100\.0% like import_0_00000[23]/);
    expect(explained).toMatch(/score {2}0\.\d{4}[\s\S]*english +\d\.\d{3} × 0\.3/);
    expect(await cogumi(['data', 'explain', 'nobody', '--store', 'data-store'])).toMatchObject({ code: 3 });

    const child = start(['data', 'look', '--store', 'data-store', '--json']);
    const [line] = await once(createInterface({ input: child.stdout! }), 'line');
    const { url, sets } = JSON.parse(line as string) as { url: string; sets: { name: string }[] };
    expect(sets.map(({ name }) => name)).toEqual(['import', 'curate', 'dedup', 'filter']);
    expect(await (await fetch(url)).text()).toContain('<!doctype html>');
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it('explains wrong arguments and empty results', async () => {
    expect((await cogumi(['data', 'dedupe', 'x'])).stderr).toContain(
      'Use import, curate, dedup, filter, score, look or explain.',
    );
    expect((await cogumi(['data', 'dedup'])).stderr).toContain('data dedup needs a file');
    expect((await cogumi(['data', 'import', 'nowhere.jsonl', '--store', 'no-store'])).stderr).toMatch(
      /nowhere\.jsonl, which does not exist/,
    );
    await writeFile(join(folder, 'none.jsonl'), '');
    expect(await cogumi(['data', 'import', 'none.jsonl', '--store', 'none-store'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('No row is left after import'),
    });
    const named = (await cogumi(['domain', 'list', 'sample.cogumi'])).stderr;
    expect(named).toContain('domain list takes no name and got "sample.cogumi".\n  Usage: cogumi domain list --bundle');
    expect((await cogumi(['data', 'look', '--store', 'nowhere'])).stderr).toContain('There is no store at nowhere');
  });
});

describe('cogumi verify', () => {
  it('reads a bundle that the factory wrote', async () => {
    const { code, stdout } = await cogumi(['verify', bundle]);
    expect(code).toBe(0);
    expect(stdout).toContain(digest);
    expect(stdout).toContain('every byte checked');
    const facts = JSON.parse((await cogumi(['verify', bundle, '--json'])).stdout);
    expect(facts).toMatchObject({ digest, config: { name: 'sample', modifiers: [{ name: 'code' }] } });
  });

  it('refuses a flipped byte in any layer and names the entry', async () => {
    const { layers } = JSON.parse((await cogumi(['verify', bundle, '--json'])).stdout);
    const bytes = await readFile(bundle);
    const copy = join(folder, 'flipped.cogumi');
    await writeFile(copy, bytes);
    const file = await open(copy, 'r+');
    for (const layer of layers) {
      const entry = `blobs/sha256/${layer.digest.slice(7)}`;
      const at = bytes.indexOf(entry) + 512 + Math.floor(layer.size / 2);
      await file.write(Buffer.of(bytes[at]! ^ 4), 0, 1, at);
      const { code, stderr } = await cogumi(['verify', copy]);
      expect(code).toBe(1);
      expect(stderr).toContain(`error BUNDLE_CORRUPT: ${copy}, ${entry}: its bytes hash to`);
      await file.write(bytes, at, 1, at);
    }
    await file.close();
  });
});

describe('cogumi chat', () => {
  it('answers each line of a pipe, as text or as JSON', async () => {
    const input = 'What is two plus two?\n\nAnd three?\n';
    const plain = await cogumi(['chat', bundle, '--max-tokens', '6'], { input });
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    const json = await cogumi(['chat', bundle, '--max-tokens', '6', '--json'], { input });
    const replies = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(replies).toHaveLength(2);
    expect(replies[0]).toMatchObject({
      question: 'What is two plus two?',
      route: 'code',
      reason: 'router',
      finishReason: 'length',
      completionTokens: 6,
    });
    expect(plain.stdout).toBe(replies.map(({ answer }) => `${answer}\n`).join(''));
    const base = await cogumi(['chat', bundle, '--max-tokens', '6', '--model', 'base', '--json'], {
      input: 'And three?',
    });
    expect(JSON.parse(base.stdout)).toMatchObject({ route: 'base', reason: 'chosen', confidence: null });
    expect(JSON.parse(base.stdout).answer).not.toBe(replies[1].answer);
  });

  it('knows its commands in a pipe, and takes a question that begins with a path for a question', async () => {
    const input = '/model base\n/new\n/etc/passwd holds what?\n/quit\nNever asked.\n';
    const { code, stdout, stderr } = await cogumi(['chat', bundle, '--max-tokens', '2', '--json'], { input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ question: '/etc/passwd holds what?', route: 'base', reason: 'chosen' });
    expect(stderr).toContain('answers: base');
  });

  it('refuses an unknown model, and continues after a question that is too long', async () => {
    const { code, stderr } = await cogumi(['chat', bundle, '--model', 'cod'], { input: 'Hi' });
    expect(code).toBe(3);
    expect(stderr).toContain('Did you mean "code"?');
    const long = await cogumi(['chat', bundle, '--context', '64', '--max-tokens', '3', '--json'], {
      input: `${'word '.repeat(300)}\nHi\n`,
    });
    const [refused, answered] = long.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(refused.error.code).toBe('CONTEXT_LENGTH');
    expect(answered.completionTokens).toBe(3);
    expect(long.code).toBe(1);
  });
});

describe('cogumi serve', () => {
  it('prints its address, answers, and stops at SIGTERM', async () => {
    const child = start(['serve', bundle, '--port', '0', '--json', '--threads', '1']);
    const [line] = await once(createInterface({ input: child.stdout! }), 'line');
    const { url, digest: served, models } = JSON.parse(line);
    expect(served).toBe(digest);
    expect(models).toEqual(['sample', 'sample:base', 'sample:code']);
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3 }),
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-cogumi-route')).toBe('code');

    const port = new URL(url).port;
    const second = await cogumi(['serve', bundle, '--port', port]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`error PORT_IN_USE: Port ${port} on 127.0.0.1`);

    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});

describe('a slow or hopeless start of cogumi serve', () => {
  it('ends at the first SIGTERM while the parts are being unpacked or the model is being loaded', async () => {
    for (const afterMs of [300, 500, 700, 900]) {
      const child = start([
        'serve',
        bundle,
        '--port',
        '0',
        '--threads',
        '1',
        '--cache',
        join(folder, `new-${afterMs}`),
      ]);
      setTimeout(() => child.kill('SIGTERM'), afterMs);
      const [code, signal] = await once(child, 'close');
      // Before the verb runs, the signal kills the process; when the server runs, it is stopped in the usual way (0).
      expect([130, 'SIGTERM', 0]).toContain(code ?? signal);
    }
  });

  it.runIf(process.platform === 'linux')(
    'says that a cache under /proc cannot be used, as build says of a store',
    async () => {
      const served = await cogumi(['serve', bundle, '--port', '0', '--cache', '/proc/cogumi/cache']);
      expect(served).toMatchObject({ code: 1, stdout: '' });
      expect(served.stderr).toMatch(/error CACHE_UNWRITABLE: .*ENOENT.*'\/proc\/cogumi'/);
      const recipe = join(folder, 'data.json');
      await writeFile(
        recipe,
        JSON.stringify({ name: 'proc', make: 'data', synthesize: { domains: { math: { easy: 1 } } } }),
      );
      const built = await cogumi(['build', recipe, '--store', '/proc/cogumi/store']);
      expect(built.code).not.toBe(0);
      expect(built.stderr).toContain('STORE_UNUSABLE');
    },
  );

  it('refuses a named pipe instead of waiting for its writer', async () => {
    const pipe = join(folder, 'pipe.cogumi');
    await once(spawn('mkfifo', [pipe]), 'close');
    expect((await cogumi(['serve', pipe])).stderr).toContain('it is not a file');
  });
});

describe('cogumi serve with a key', () => {
  it('requires the key of the file rather than that of the environment, and never prints it', async () => {
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, 'from-file\n');
    const common = ['serve', bundle, '--port', '0', '--threads', '1', '--max-requests', '1'];
    for (const [args, key] of [
      [[], 'from-environment'],
      [['--key-file', keyFile], 'from-file'],
    ] as const) {
      const child = start([...common, ...args], { env: { COGUMI_API_KEY: 'from-environment' } });
      let shown = '';
      child.stdout!.on('data', (chunk) => (shown += chunk));
      await expect.poll(() => shown).toContain('Ctrl-C');
      expect(shown).toContain('authorization: Bearer $COGUMI_API_KEY');
      expect(shown).not.toContain(key);
      const url = /http:\S+?:\d+/.exec(shown)![0];
      const status = async (authorization: string) =>
        (await fetch(`${url}/v1/models`, { headers: { authorization } })).status;
      expect([await status(''), await status('Bearer wrong'), await status(`Bearer ${key}`)]).toEqual([401, 401, 200]);
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  });

  it('does not start with a key that cannot be read or used', async () => {
    await writeFile(join(folder, 'empty-key'), ' \n');
    for (const [args, code, key] of [
      [['--key-file', join(folder, 'no-key')], 'KEY_UNREADABLE', ''],
      [['--key-file', join(folder, 'empty-key')], 'KEY_UNUSABLE', 'fine'],
      [[], 'KEY_UNUSABLE', 'two words'],
    ] as const) {
      const refused = await cogumi(['serve', bundle, '--port', '0', ...args], { env: { COGUMI_API_KEY: key } });
      expect(refused).toMatchObject({ code: 3, stdout: '' });
      expect(refused.stderr).toContain(`error ${code}:`);
      expect(refused.stderr).not.toContain('two words');
    }
    expect((await cogumi(['serve', '--help'])).stdout).toMatch(/--context.*at most 8192/);
  });
});

describe('cogumi doctor', () => {
  it('reports what is missing with advice, and never prints keys', async () => {
    const env = { COGUMI_PYTHON: join(folder, 'no-python'), OPENAI_API_KEY: 'sk-secret' };
    const { code, stdout } = await cogumi(['doctor', '--json'], { env });
    const { ok, checks } = JSON.parse(stdout);
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    const find = (name: string) => checks.find((check: { name: string }) => check.name === name);
    expect(find('llama.cpp')).toMatchObject({ status: 'ok' });
    expect(find('python')).toMatchObject({ status: 'fail', advice: expect.stringContaining('npm run setup') });
    expect(find('keys').found).toContain('set: OPENAI_API_KEY');
    expect(stdout).not.toContain('sk-secret');
  });
});
