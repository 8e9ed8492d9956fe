/** Prompts and verdicts of BFCL against bfcl-eval's own code, on all its questions that are compared with right calls of Python. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GenerationItem, loadTask } from '@cogumi/evals';
import { createRandom, type Random } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../start-cogumi.ts';
import { environment, folder } from './ask-lm-eval.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Values = Readonly<Record<string, readonly Json[]>>;

/** A value as Python writes it. Numbers that JSON writes with a fraction of zero have lost it, which is one of the mistakes. */
function python(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}: ${python(one)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** One of the right values; a dictionary has a list of them for each key. */
function choose(random: Random, values: readonly Json[]): Json {
  const value = values.length === 0 ? '' : random.pick([...values]);
  const inside = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(inside);
    if (one === null || typeof one !== 'object') return one;
    const entries = Object.entries(one).map(([key, own]) => [
      key,
      Array.isArray(own) && own.length > 0 ? random.pick([...own]) : own,
    ]);
    return Object.fromEntries(entries.filter(([, own]) => own !== ''));
  };
  return inside(value);
}

const MISTAKES: readonly ((text: string, random: Random) => string)[] = [
  (text) => text,
  (text) => text.replace(/\d+/, (digits) => `${digits}.0`),
  (text) => text.replace(/(\d+)\.\d+/, '$1'),
  (text) => text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
  (text) => text.replace(/(=)(\d+)/, '$1"$2"'),
  (text) =>
    text.replace(/="([^"]*)"/, (_, own: string) => `='${own.toUpperCase().replace(/[ ,]/g, '_').replaceAll("'", '')}'`),
  (text) => text.replace(/="([^"]*)"/, (_, own: string) => `=${own.replace(/\W/g, '_')}`),
  (text) => text.replace(/\(/, '(unknown=1, '),
  (text) => text.replace(/\(\w+=[^,)]*,? ?/, '('),
  (text) => text.replace(/^\[?[\w.]+/, (name) => `${name}x`),
  (text) => text.replace(/=\[(.*?)\]/, '=($1,)'),
  (text) => `\`\`\`\n[${text}]\n\`\`\``,
  (text) => `'[${text}]'`,
  (text) => `[${text}, ${text}]`,
  (text) => text.slice(0, -3),
  (text) => `Here is the call: ${text}`,
  (text) => text.replace(/=(\d+)/, '=-$1').replace(/=(\d\d+)/, '=10*$1/10'),
  (text) => text.replace(/True|False/, (own) => (own === 'True' ? '1' : 'false')),
  (text) => text.replace(/=/, '=None or '),
  (text) => text.replace(/\(\w+=/, '('),
  (text) => text.replace(/="([^"]*)"/, '="""$1""" ""'),
  () => '[]',
];

function answerTo(random: Random, truth: readonly Readonly<Record<string, Values>>[]): string {
  const calls = truth.map((call) => {
    const [name = '', values = {}] = Object.entries(call)[0] ?? [];
    const named = Object.entries(values).flatMap(([param, accepted]) => {
      const value = choose(random, accepted);
      return value === '' ? [] : [`${param}=${python(value)}`];
    });
    return `${name}(${random.shuffle(named).join(', ')})`;
  });
  return random.shuffle(calls).join(', ');
}

describe('bfcl', () => {
  it('has the prompts and verdicts of bfcl-eval for thousands of answers', { timeout: 1_800_000 }, async () => {
    const pip = ['-m', 'pip', 'install', '-q', '--no-deps', 'bfcl-eval==2026.3.23'];
    execFileSync(join(environment, 'bin/python'), pip, { stdio: 'inherit' });
    const [version = ''] = readdirSync(join(environment, 'lib'));
    const data = join(environment, 'lib', version, 'site-packages/bfcl_eval/data');
    const { items } = await loadTask('bfcl', { data });
    const random = createRandom('bfcl');
    const categories = [...new Set(items.map(({ group }) => group as string))];
    const job = Object.fromEntries(
      categories.map((category) => {
        const truths = readFileSync(join(data, `possible_answer/BFCL_v4_${category}.json`), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).ground_truth);
        const runs = Array.from({ length: 6 }, (_, run) =>
          truths.map((truth) =>
            run < 2 ? answerTo(random, truth) : random.pick([...MISTAKES])(answerTo(random, truth), random),
          ),
        );
        return [category, runs] as const;
      }),
    );
    const [input, output] = [join(folder, 'bfcl.json'), join(folder, 'bfcl-result.json')];
    writeFileSync(input, JSON.stringify(job));
    execFileSync(join(environment, 'bin/python'), [join(ROOT, 'tests/exam/bfcl_verdicts.py'), input, output], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    type Found = Record<string, { prompts: string[]; verdicts: (boolean | string)[][] }>;
    const theirs: Found = JSON.parse(readFileSync(output, 'utf8'));
    const sum = { prompts: 0, answers: 0, right: 0, failed: 0 };
    const apart: unknown[] = [];
    for (const category of categories) {
      const own = items.filter(({ group }) => group === category) as GenerationItem[];
      expect(own.map(({ request }) => request.prompt)).toEqual(theirs[category]?.prompts);
      sum.prompts += own.length;
      for (const [run, verdicts] of (theirs[category]?.verdicts ?? []).entries()) {
        for (const [at, theirVerdict] of verdicts.entries()) {
          const answer = job[category]?.[run]?.[at] as string;
          if (typeof theirVerdict === 'string') {
            sum.failed++;
            continue;
          }
          const ours = own[at]?.score(answer).acc === 1;
          sum.answers++;
          if (theirVerdict) sum.right++;
          if (ours !== theirVerdict) apart.push({ id: own[at]?.id, answer, ours, theirVerdict });
        }
      }
    }
    console.log(`bfcl: ${JSON.stringify(sum)}, ${apart.length} differences`);
    expect(apart.slice(0, 5)).toEqual([]);
    expect(sum.answers).toBeGreaterThan(5000);
    expect(sum.failed).toBeLessThan(sum.answers / 50);
  });
});
