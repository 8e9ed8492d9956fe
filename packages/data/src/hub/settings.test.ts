import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readHubSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const failure = (env: NodeJS.ProcessEnv) =>
  readHubSettings({ HF_HOME: folder, ...env }).then(
    () => null,
    (cause: Error & { code: string; hint: string }) => cause,
  );

describe('readHubSettings', () => {
  it.each(['hf_SECRET\nTOKEN2', 'hf_SECRET TOKEN2', 'hf_SECRET\u00e9', 'hf_SECRET\0', 'hf_SECRET\u2028x'])(
    'refuse the token %j without showing it, of the variable or of the file',
    async (token) => {
      const path = join(folder, 'other-token');
      writeFileSync(path, token);
      for (const [env, name] of [
        [{ HF_TOKEN: token }, 'HF_TOKEN'],
        [{ HF_TOKEN_PATH: path }, path],
      ] as const) {
        const cause = await failure(env);
        expect(cause).toMatchObject({ code: 'HUB_SETTINGS_INVALID', message: expect.stringContaining(name) });
        expect(`${cause?.message}${cause?.hint}`).not.toMatch(/SECRET|TOKEN2/);
      }
    },
  );

  it('accepts a token with white space around it', async () => {
    expect(await readHubSettings({ HF_HOME: folder, HF_TOKEN: ' hf_a\n' })).toMatchObject({ token: 'hf_a' });
  });

  it.each(['foo', 'localhost:8080', 'ftp://a.b', 'http://', 'https://a.b?c'])(
    'refuse HF_ENDPOINT %s',
    async (endpoint) => {
      expect(await failure({ HF_ENDPOINT: endpoint })).toMatchObject({
        code: 'HUB_SETTINGS_INVALID',
        message: expect.stringContaining('HF_ENDPOINT'),
      });
    },
  );

  it.each(['http://user:secret@a.b/c', 'user:secret@a.b'])(
    'refuse HF_ENDPOINT %s and do not show it',
    async (endpoint) => {
      const cause = await failure({ HF_ENDPOINT: endpoint });
      expect(cause).toMatchObject({ code: 'HUB_SETTINGS_INVALID' });
      expect(`${cause?.message}${cause?.hint}`).not.toMatch(/secret|user:/);
    },
  );

  it('names the token file that cannot be read', async () => {
    expect(await failure({ HF_TOKEN_PATH: folder })).toMatchObject({
      code: 'HUB_SETTINGS_INVALID',
      message: expect.stringMatching(/HF_TOKEN_PATH.*EISDIR/),
    });
  });
});
