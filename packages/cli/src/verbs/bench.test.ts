import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleBundle, tarOf, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
  bundle = join(folder, 'sample.cogumi');
  await writeFile(bundle, tarOf(sampleBundle({ base: await tinyModel() })));
});
afterAll(() => rm(folder, { recursive: true }));

const bench = (...args: string[]) => runCommand(folder, ['bench', ...args], { PATH: folder });

/** A program that answers as llama-bench does, as fast as it is told. */
async function fakeLlamaBench(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!${process.execPath}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const SHORT = ['--streams', '2', '--prompt', '16', '--tokens', '64', '--rounds', '2', '--threads', '1'];

describe('cogumi bench', () => {
  it('measures a bundle, alone and against llama-bench, and writes table, figures and plot', async () => {
    // Slower than any machine: 0.02 tokens a second where it reads, 0.01 where it generates.
    const program = await fakeLlamaBench(
      'fast-bench',
      "const read = process.argv[process.argv.indexOf('-p') + 1] !== '0';\nconsole.log(JSON.stringify([{ avg_ts: read ? 0.02 : 0.01 }]));",
    );
    const output = join(folder, 'figures');
    const { code, stdout, stderr } = await bench(
      bundle,
      ...SHORT,
      '--llama-bench',
      program,
      '--output',
      output,
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { figures, ...subject } = JSON.parse(stdout);
    expect(subject).toMatchObject({ name: 'sample, base', levels: [1, 2], rounds: 2, threads: 1, kvCache: 'f16' });
    expect(figures.prompt).toMatchObject({ other: 0.02 });
    expect(figures.generation).toMatchObject({ other: 0.01 });
    // A client that gets no time of the processor finds all tokens there at once.
    for (const ratio of figures.generation.value === null ? [] : [figures.generation.ratio]) {
      expect(ratio.least).toBeGreaterThan(1);
      expect(ratio.median).toBeGreaterThanOrEqual(ratio.least);
      expect(ratio.most).toBeGreaterThanOrEqual(ratio.median);
    }
    for (const [at, streams] of [1, 2].entries()) {
      const level = figures.levels[at];
      expect(level).toMatchObject({ streams, tokensPerSecond: { other: null, ratio: null } });
      expect(level.tokensPerSecond.value).toBeGreaterThan(0);
      expect(level.firstTokenMs.value).toBeGreaterThan(0);
      expect(level.memoryBytes.value).toBeGreaterThan(2 ** 20);
    }
    expect(await readFile(join(output, 'bench.md'), 'utf8')).toMatch(/\| *llama-bench \|/);
    expect(JSON.parse(await readFile(join(output, 'bench.json'), 'utf8'))).toEqual(JSON.parse(stdout));
    expect(await readFile(join(output, 'bench.svg'), 'utf8')).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  });

  it('refuses what it cannot measure, and says why a program failed', async () => {
    for (const args of [
      ['--streams', '0'],
      ['--streams', '1,65'],
      ['--kv-cache', 'q9'],
      ['--llama-server', 'nowhere'],
    ]) {
      expect(await bench(bundle, ...args), args.join(' ')).toMatchObject({ code: 3, stdout: '' });
    }
    const broken = await fakeLlamaBench('broken-bench', "console.error('no such model'); process.exit(7);");
    const failed = await bench(bundle, ...SHORT, '--llama-bench', broken);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('ended with exit code 7: no such model');
  });
});
