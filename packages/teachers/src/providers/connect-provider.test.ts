import { CogumiError } from '@cogumi/contracts';
import { serve } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { startProviderServer } from '../testing/provider-server/start-provider-server.ts';
import { connect } from './connect-provider.ts';
import { KNOWN_PROVIDERS } from './known-providers.ts';

const calm = new AbortController().signal;

function refusal(...given: Parameters<typeof connect>): CogumiError {
  try {
    connect(...given);
  } catch (error) {
    expect(error).toBeInstanceOf(CogumiError);
    return error as CogumiError;
  }
  throw new Error('it was taken');
}

describe('connect', () => {
  it('connects every known provider by its key, with batches where it has them', () => {
    for (const [name, { keyVariable, batches }] of KNOWN_PROVIDERS) {
      const provider = connect(name, keyVariable === null ? {} : { [keyVariable]: 'k' });
      expect(provider.name).toBe(name);
      expect(provider.batches !== null).toBe(batches);
    }
  });

  it('names the missing variable of a key before it sends anything', () => {
    for (const environment of [{}, { GROQ_API_KEY: '' }, { GROQ_API_KEY: ' \n' }]) {
      const { code, message, hint } = refusal('groq', environment);
      expect({ code, message }).toEqual({
        code: 'PROVIDER_KEY_MISSING',
        message: 'groq needs a key; GROQ_API_KEY is not set.',
      });
      expect(hint).toContain('GROQ_API_KEY');
    }
  });

  it('removes the line end of a key from a file, and never shows an invalid key', async () => {
    const server = await startProviderServer({ key: 'sk-1' });
    await connect('openai', { OPENAI_API_KEY: 'sk-1\n', OPENAI_BASE_URL: `${server.url}/v1` }).check('small', calm);
    await server.close();
    const { code, message, hint } = refusal('openai', { OPENAI_API_KEY: 'sk-1\nsk-2' });
    expect(code).toBe('PROVIDER_SETTINGS_INVALID');
    expect(`${message}${hint}`).not.toContain('sk-');
  });

  it('refuses invalid addresses and addresses with a password, without showing them', () => {
    for (const OPENAI_BASE_URL of ['localhost', 'ftp://host/v1', 'http://me:secret@host/v1']) {
      const { code, message, hint } = refusal('openai', { OPENAI_API_KEY: 'k', OPENAI_BASE_URL });
      expect(code).toBe('PROVIDER_SETTINGS_INVALID');
      expect(hint).toContain('OPENAI_BASE_URL');
      expect(`${message}${hint}`).not.toContain('secret');
    }
  });

  it('suggests the nearest name for an unknown provider, and connects one that the recipe defines', async () => {
    expect(refusal('opnai', {}).message).toContain('did you mean "openai"');
    const server = await startProviderServer({ key: 'k' });
    const settings = { kind: 'openai', baseUrl: `${server.url}/v1`, keyVariable: 'MY_KEY' } as const;
    await connect('mine', { MY_KEY: 'k' }, settings).check('small', calm);
    await server.close();
    expect(refusal('mine', {}, settings).code).toBe('PROVIDER_KEY_MISSING');
  });

  it('reads every form of OLLAMA_HOST', async () => {
    const asked: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify({ data: [{ id: 'llama3:latest' }] }));
    });
    const { port } = new URL(server.url);
    for (const host of [`127.0.0.1:${port}`, `0.0.0.0:${port}`, `${server.url}/`, `${server.url}/v1`]) {
      await connect('ollama', { OLLAMA_HOST: host }).check('llama3', calm);
    }
    await server.close();
    expect(asked).toEqual(Array(4).fill('/v1/models'));
  });
});
