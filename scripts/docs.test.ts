import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const pagesIn = (folder: string) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
const PAGES = [
  'README.md',
  'docs/glossary.md',
  'packages/llama/README.md',
  ...pagesIn('docs/architecture'),
  ...pagesIn('docs/decisions'),
];
/** Folders that a page may leave out at the start of a path. */
const ROOMS = [
  '',
  'packages/',
  'packages/factory/src/',
  'packages/data/src/',
  'packages/teachers/src/',
  'packages/pure/src/',
  'packages/llama/src/',
  'packages/runtime/src/',
  'packages/teachers/src/procedural/',
  'engine/cogumi_engine/',
];

/** Names of all code files and recipes, for file names without a folder. */
const names = new Set(
  ['packages', 'engine', 'recipes', 'scripts', 'tests', 'benchmarks', 'models'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.includes('node_modules'))
      .map((path) => path.split('/').at(-1) as string),
  ),
);

/** All Markdown files. */
const TEXTS = [
  'README.md',
  ...['packages', 'docs', 'engine', 'recipes', 'benchmarks', 'models'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .map((path) => `${room}/${path}`),
  ),
];

describe('the documentation', () => {
  it.each(PAGES)('names only files that exist: %s', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const paths = [...text.matchAll(/`([\w./-]+\.(?:ts|py|yaml|cjs|mjs))`/g)].map(([, path]) => path as string);
    const missing = paths.filter((path) =>
      path.includes('/')
        ? !ROOMS.some((room) => existsSync(join(ROOT, room + path)))
        : !names.has(path) && !existsSync(join(ROOT, path)),
    );
    expect(missing).toEqual([]);
  });

  it('links only to files and folders that exist', () => {
    const broken = TEXTS.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#\s]+)/g)]
        .map(([, link]) => link as string)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(ROOT, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
