import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** Platform to the npm package that carries its prebuilt library, and the file names inside. */
const PLATFORMS: Readonly<Record<string, { readonly folder: string; readonly llama: string; readonly ggml: string }>> =
  {
    'linux-x64': { folder: 'bins/linux-x64', llama: 'libllama.v0.5.0.so', ggml: 'libggml.v0.5.0.so' },
  };

/** @param platform - As in `linux-x64`. @throws CogumiError LLAMA_PLATFORM, LLAMA_MISSING. */
export function libraryFiles(platform: string): { root: string; folder: string; llama: string; ggml: string } {
  const files = PLATFORMS[platform];
  if (!files) {
    throw new CogumiError(
      'LLAMA_PLATFORM',
      `No llama.cpp library is shipped for ${platform}; there is one for ${Object.keys(PLATFORMS).join(', ')}.`,
      'Run Cogumi on one of those, or in a container of one.',
      { exitCode: EXIT.usage },
    );
  }
  try {
    // Its entry is `dist/index.js`; package.json is not among its exports.
    const entry = createRequire(import.meta.url).resolve(`@node-llama-cpp/${platform}`);
    const root = dirname(dirname(entry));
    return { ...files, root, folder: join(root, files.folder) };
  } catch (cause) {
    throw new CogumiError(
      'LLAMA_MISSING',
      `The package @node-llama-cpp/${platform} is not installed.`,
      'Install again without `--omit=optional`: it carries llama.cpp for this platform.',
      { cause },
    );
  }
}

/** Name and version of the package that carries this platform's llama.cpp. @throws CogumiError as `libraryFiles`. */
export function llamaRelease(): string {
  const { root } = libraryFiles(`${process.platform}-${process.arch}`);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  return `${name}@${version}`;
}
