import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA } from '@cogumi/contracts';
import { sampleBundle, tarOf } from '@cogumi/runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { ModifierRecipe } from '../../recipe/recipe.ts';
import { readInherited } from './read-inherited.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-inherited-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

function write(name: string, extra: Parameters<typeof sampleBundle>[0] = {}): string {
  const path = join(folder, name);
  writeFileSync(path, tarOf(sampleBundle({ adapters: { code: Buffer.from('an adapter') }, ...extra })));
  return path;
}
const open = write('open.cogumi', { extra: [{ mediaType: MEDIA.prompts, bytes: Buffer.from('') }] });
const support = { support: ModifierRecipe.parse({ domain: 'support' }) };

describe('readInherited', () => {
  it('gives config and digest of a bundle that carries the prompts of its router', async () => {
    const { config, digest } = await readInherited({ path: open, without: ['code'] }, support, signal);
    expect(config.modifiers.map(({ name }) => name)).toEqual(['code']);
    expect(digest).toMatch(/^sha256:/);
  });

  it.each([
    ['without prompts', write('closed.cogumi'), [], support, 'BUNDLE_NOT_EXTENDABLE', 'extendable: true'],
    ['without the modifier to leave out', open, ['cod'], support, 'MODIFIER_UNKNOWN', 'It has code'],
    ['with a modifier of that name', open, [], { code: support.support }, 'MODIFIER_EXISTS', 'domain remove code'],
    [
      'with a modifier for that domain',
      open,
      [],
      { c: ModifierRecipe.parse({ domain: 'coding' }) },
      'MODIFIER_EXISTS',
      'code',
    ],
  ] as const)('refuses a bundle %s', async (_, path, without, modifiers, code, hint) => {
    await expect(readInherited({ path, without: [...without] }, modifiers, signal)).rejects.toMatchObject({
      ...{ code, exitCode: 3, hint: expect.stringContaining(hint) },
    });
  });
});
