import { readFile } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** Reads the API key that clients have to send; null: none is set. @throws CogumiError KEY_UNREADABLE, KEY_UNUSABLE. */
export async function readKey(path: string | undefined, environment: string | undefined): Promise<string | null> {
  let text = environment ?? '';
  if (path !== undefined) {
    text = await readFile(path, 'utf8').catch((cause: Error) => {
      throw new CogumiError('KEY_UNREADABLE', `The key file cannot be read: ${cause.message}.`, 'Check --key-file.', {
        exitCode: EXIT.usage,
        cause,
      });
    });
  } else if (text === '') return null;
  const key = text.trim();
  // A header can contain only these characters. An empty file is refused, because it would leave the server without a key.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CogumiError(
    'KEY_UNUSABLE',
    `${path === undefined ? 'COGUMI_API_KEY' : path} has no usable key: ${key.length} characters.`,
    'Use one line of ASCII without spaces, for example from `openssl rand -hex 32`.',
    { exitCode: EXIT.usage },
  );
}
