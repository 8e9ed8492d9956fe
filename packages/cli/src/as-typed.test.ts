import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asTyped } from './as-typed.ts';
import { VERBS } from './verbs/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LAUNCHER = join(ROOT, 'packages/cli/bin/cogumi.mjs');
/** A shell after `npm run setup` in a clone: no `cogumi` on the PATH, and nothing of the npm that runs the tests. */
const SHELL = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^COGUMI_|^NODE_/i.test(name))),
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  NO_COLOR: '1',
};

function folderWith(link?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-typed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (link !== undefined) symlinkSync(LAUNCHER, join(folder, link));
  return folder;
}

/** What is shown for these arguments. */
function shown(args: readonly string[], env: NodeJS.ProcessEnv = SHELL, cwd = ROOT): string {
  const { stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], { env, cwd, encoding: 'utf8' });
  return stdout + stderr;
}

describe('asTyped', () => {
  it('replaces commands, not the name of the product or of a file', () => {
    const text =
      'cogumi: a text.\nusage: cogumi <verb>\n  `cogumi plan FILE` or `cogumi --help`; name a *.cogumi file; @cogumi/cli';
    expect(asTyped(text, 'npx cogumi')).toBe(
      'cogumi: a text.\nusage: npx cogumi <verb>\n  `npx cogumi plan FILE` or `npx cogumi --help`; name a *.cogumi file; @cogumi/cli',
    );
  });

  it('finds every command that a message of the sources names, and each is a verb that exists', () => {
    const files = globSync('packages/*/src/**/*.ts', { cwd: ROOT }).filter(
      (file) => !/\.test\.ts$|\/testing\//.test(file),
    );
    expect(files.length).toBeGreaterThan(300);
    const named = files.flatMap((file) => {
      const code = readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(?:\*|\/\/|\/\*\*).*$/gm, '');
      return [...code.matchAll(/(?<![\w@/.*-])cogumi ([a-z]+)/g)].map(([command, verb]) => ({ file, command, verb }));
    });
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter(({ verb }) => !Object.hasOwn(VERBS, verb as string))).toEqual([]);
    // In backquotes or in a line of usage: where `asTyped` finds them.
    const lines = named.map(({ command }) => asTyped(`\`${command}\``, 'npx cogumi'));
    expect(lines.filter((line) => !line.includes('npx cogumi '))).toEqual([]);
  });
});

describe('what a message says to type', () => {
  it('works in the shell of a clone: by npx, by npm run, by its path, and by its name where it is on the PATH', () => {
    const usage = (env: NodeJS.ProcessEnv, cwd?: string) => /usage: (.*) <verb>/.exec(shown(['--help'], env, cwd))?.[1];
    expect(usage(SHELL)).toBe('npx cogumi');
    expect(usage({ ...SHELL, npm_command: 'run-script', npm_lifecycle_event: 'cogumi' })).toBe('npm run cogumi --');
    expect(usage({ ...SHELL, npm_command: 'exec' })).toBe('npx cogumi');
    expect(usage({ ...SHELL, PATH: `${SHELL.PATH}:${folderWith('cogumi')}` })).toBe('cogumi');
    const far = usage(SHELL, folderWith()) as string;
    expect(far).toMatch(/^node .*cogumi\.mjs$/);
    expect(execFileSync('npx', ['cogumi', '--version'], { cwd: ROOT, env: SHELL, encoding: 'utf8' })).toMatch(
      /^cogumi \d/,
    );
  });

  it('is the same in help, errors and hints of every verb', () => {
    const calls = [
      ...Object.keys(VERBS).map((verb) => [verb, '--help']),
      ['chat', '--no-such-option'],
      ...[['nothing'], ['plan', 'nowhere.yaml'], ['serve', 'nowhere'], ['data', 'filter'], ['data', 'nothing']],
      ...[
        ['runs', '--store', 'nowhere'],
        ['data', 'explain', 'x', '--store', 'nowhere'],
      ],
    ];
    for (const args of calls) {
      const text = shown(args);
      const bare = text.match(/(?<!npx )(?<![\w@/.*-])cogumi (?=[a-z<]|--)/g);
      expect({ args, bare }).toEqual({ args, bare: null });
    }
  });
});
