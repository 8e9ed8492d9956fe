import { createRandom } from '@cogumi/pure';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codingTasks } from '../procedural/coding/coding-tasks.ts';
import type { SandboxTask, TaskOutcome } from './messages.ts';
import { startChild } from './start-child.ts';
import { createWarmChild } from './warm-child.ts';

const limits = { cpuMs: 2000, wallMs: 30_000, residentMiB: 640 };
let child: Awaited<ReturnType<typeof startChild>> | undefined;
let run: (...jobs: Pick<SandboxTask, 'code' | 'expressions'>[]) => Promise<TaskOutcome[]>;

beforeAll(async () => {
  const start = async () => {
    child = await startChild(256, 'many');
    return child;
  };
  const runTogether = createWarmChild(start, (ended) => ended.kill('SIGKILL'), limits);
  run = (...jobs) => runTogether(jobs.map((task) => ({ ...task, isolated: false })));
  await run({ code: '', expressions: [] });
});
afterAll(() => child?.kill('SIGKILL'));

const disallowedIn = async (code: string) => (await run({ code, expressions: [] }))[0] as { disallowed?: string };

describe('the allowlist', () => {
  it.each([
    // The words of an earlier list of forbidden words, and other spellings of `_` and of letters.
    'import os',
    'x.__class__',
    'getattr(x, "a")',
    'eval("1")',
    '(1 for _ in []).gi_frame',
    'e.tb_frame',
    'x._\uff3f_class__',
    '\u{1d41e}xec("1")',
    // Attributes named by text, format specifications included.
    'getattr(x, "_" + "_class_" + "_")',
    '("{0." + "_" + "_glo" + "bals_" + "_" + ".nope}").format(f)',
    '"{0.x}".format_map({"0": f})',
    'list(map(str.format, ["{0.x}"], [f]))',
    'f"{f.__class__!r}"',
    'f"{1:{f.__class__}}"',
    't"{f}"',
    // Exception objects hold frames, and some hold the object without the attribute.
    'try:\n    f\nexcept NameError as e:\n    e',
    'try:\n    [].pop()\nexcept IndexError as e:\n    e.args',
    'try:\n    f\nexcept* ValueError:\n    pass',
    'ValueError("x").with_traceback(None)',
    // Classes: attributes, and methods that run when an object is compared, matched or freed.
    'class A:\n    def __del__(self): pass',
    'type("A", (), {"x": 1})',
    'type(1)',
    'object()',
    'int.mro()',
    'match f:\n    case int(real=x): pass',
    'super()',
    // Code that could run after the program has ended.
    'def g():\n    try:\n        yield 1\n    finally:\n        print(1)',
    'def g():\n    yield from []',
    '(x async for x in y)',
    'async def f(): pass',
    // Changes of shared objects, by every kind of target.
    'list.append = 1',
    'sum.x = 1',
    'del list.append',
    'list.append += 1',
    'for list.append in [1]: pass',
    '[1 for list.append in [1]]',
    'def f(x=list.append.__self__): pass',
    '__builtins__["sum"] = 1',
    'def f(__builtins__): pass',
    'f(__builtins__=1)',
    'def __builtins__(): pass',
    '[__builtins__ := 1 for x in [1]]',
    'def f(x: int.__class__): pass',
    // Other ways to leave the program.
    'help()',
    'open("x")',
    'input()',
    'print(1, file=open("x"))',
    '__import__("os")',
    'with f: pass',
    '@f\ndef g(): pass',
    'def f[T](x): pass',
    'type A = int',
    'def f():\n    global g',
    'str(b"x", "idna")',
    'vars()',
    'lambda: breakpoint()',
  ])('disallows %s', async (code) => {
    expect(await disallowedIn(code)).toHaveProperty('disallowed');
    const [asCall] = await run({ code: '', expressions: ['1', code] });
    expect(asCall).toSatisfy(
      (outcome: TaskOutcome) => 'disallowed' in outcome || JSON.stringify(outcome).includes('Syntax'),
    );
  });

  it('allows the programs and calls of the procedural tasks', async () => {
    const random = createRandom('answers');
    const jobs = codingTasks.flatMap((task) =>
      Array.from({ length: 20 }, () => task.draw(random, task.difficulties[0]!, 'write')).flatMap(
        ({ answer, facts }) => {
          const calls = (facts as unknown as { calls: { call: string; expected: string }[] }).calls;
          return [
            { code: answer, expressions: calls.map(({ call }) => call) },
            { code: '', expressions: calls.map(({ expected }) => expected) },
          ];
        },
      ),
    );
    const outcomes = await run(...jobs);
    expect(
      outcomes.filter((outcome) => !('values' in outcome) || outcome.values.some((one) => 'error' in one)),
    ).toEqual([]);
  });

  it('allows a method that no class has: an invented name needs no isolated interpreter', async () => {
    const [outcome] = await run({ code: 'def f(x):\n    return x.startwith("a")', expressions: ['f("ab")', 'f.nope'] });
    expect(outcome).toMatchObject({
      values: [
        { error: expect.stringContaining('AttributeError') },
        { error: expect.stringContaining('AttributeError') },
      ],
    });
    for (const real of ['gi_frame', 'format_map', 'mro', 'tb_frame', 'f_back', 'obj', 'encode', 'cell_contents'])
      expect(await disallowedIn(`lambda x: x.${real}`)).toHaveProperty('disallowed');
  });

  it('allows everyday Python', async () => {
    const outcomes = await run(
      {
        code: `
def helper(a, b=1, *rest, **options):
    """Says what it does."""
    return a * b + len(rest)

def f(xs: list[int], text: str = '') -> dict[str, int]:
    counts: dict = {}
    total = best = 0
    for i, x in enumerate(xs):
        if x % 2 == 0 and x not in (4, 8):
            counts[x] = counts.get(x, 0) + 1
        elif x > 9:
            continue
        else:
            total += helper(x, 2)
    while total > 100:
        total //= 2
    try:
        best = max(counts.items(), key=lambda pair: (pair[1], -pair[0]))[0]
    except ValueError:
        best = -1
    words = [w.strip().upper() for w in text.split(',') if w.startswith('a') or len(w) > 2][::-1]
    if (n := len(words)) > 1:
        print('many', n)
    return {'total': total, 'best': best, 'text': '-'.join(words), 'f': f'{total:>5}|{best!r}', **counts}
`,
        expressions: ["f([2, 3, 2, 12, 5], 'ab,cde,x')"],
      },
      { code: 'def f(n):\n    return 10**n // 10**(n // 2) % 7', expressions: ['f(100_000)'] },
    );
    expect(outcomes).toEqual([
      {
        values: [{ value: "{'best': 2, 'f': '   16|2', 'text': 'CDE-AB', 'total': 16, 12: 1, 2: 2}" }],
      },
      { values: [{ value: '2' }] },
    ]);
  });

  it.each([
    ['rebinds builtins', 'sum = lambda xs: 42\ndef len(x): return 42\nprint = sorted = None', 'f()'],
    ['rebinds builtins in a comprehension', '[[max := min, sum := 1] for x in [1]]', 'sum'],
    ['rebinds builtins as a parameter', 'def f(sum=max, len=min): return sum(len([1, 2]), 0)', 'f()'],
    ['leaves names behind', 'leak = 1\ndef f(): return leak', 'f()'],
    ['fills its own default arguments', 'def f(x=[]):\n    x.append(1)\n    return x', '[f(), f(), list(range(3))]'],
    ['changes what builtins gave it', 'def f(): x = dict.fromkeys("ab", []); x["a"].append(1); x.clear()', 'f()'],
    ['floods the output', 'def f():\n    for i in range(10**4): print("x" * 10**4, end="")', 'f()'],
    ['prints what cannot be written', 'def f(): print("\\ud800", end="", file=[])', 'f()'],
    ['recurses without end', 'def f(): return f()', 'f()'],
    [
      'recurses in C',
      'def f():\n    x = []\n    for i in range(10**5): x = [x]\n    return [repr(x), x == [x]]',
      'f()',
    ],
    ['recurses in a sort key', 'def f(x=1): return sorted([1, 2], key=f)', 'f()'],
    ['recurses and goes on', 'def f():\n    try: return f()\n    except RecursionError: return f()', 'f()'],
    ['is nested deeply', `def f(): return ${'-'.repeat(3000)}1`, 'f()'],
    ['has many brackets', `def f(): return ${'['.repeat(180)}${']'.repeat(180)}`, 'f()'],
    ['makes huge integers', 'def f(): return len(str(7 ** 7 ** 7))', 'f()'],
    ['makes integers without end', 'def f(): return 9 ** 9 ** 9', 'f()'],
    ['leaves a generator expression open', 'g = (x for x in [1, 2, 3])\nnext(g)\ndef f(): return next(g)', 'f()'],
  ])('lets in a program that %s, and the next one sees none of it', async (_what, code, call) => {
    const canary = {
      code: `
def f(x=[]):
    x.append(sum([1, 2]))
    return [x, len('ab'), sorted([2, 1]), max(1, 2), min([3, 4]), dict.fromkeys('ab', 0), 'a,b'.split(','), f'{7:03}']
def g():
    try: return leak
    except Exception: return 'clean'`,
      expressions: ['f()', 'g()'],
    };
    const [mean, next] = await run({ code, expressions: [call] }, canary);
    expect(mean).not.toHaveProperty('disallowed');
    expect(next).toEqual({
      values: [{ value: "[[3], 2, [1, 2], 2, 3, {'a': 0, 'b': 0}, ['a', 'b'], '007']" }, { value: "'clean'" }],
    });
  });

  it('frees the memory of a program that keeps much of it in a reference cycle', async () => {
    const outcomes = await run(
      { code: 'x = ["y" * 2**20 * i for i in range(20)]\nx.append(x)', expressions: ['len(x)'] },
      { code: '', expressions: ["len('y' * 150 * 2**20)"] },
    );
    expect(outcomes).toEqual([{ values: [{ value: '21' }] }, { values: [{ value: String(150 * 2 ** 20) }] }]);
  });
});
