import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** For each platform: the file names inside the npm package `@node-llama-cpp/<platform>`. */
const PLATFORMS: Readonly<Record<string, { readonly folder: string; readonly llama: string; readonly ggml: string }>> =
  {
    'linux-x64': { folder: 'bins/linux-x64', llama: 'libllama.v0.5.0.so', ggml: 'libggml.v0.5.0.so' },
  };

/** Paths of the prebuilt library. @param platform - For example `linux-x64`. @throws CogumiError LLAMA_PLATFORM, LLAMA_MISSING. */
export function libraryFiles(platform: string): { root: string; folder: string; llama: string; ggml: string } {
  const files = PLATFORMS[platform];
  if (!files) {
    throw new CogumiError(
      'LLAMA_PLATFORM',
      `There is no llama.cpp library for ${platform}; supported: ${Object.keys(PLATFORMS).join(', ')}.`,
      'Run Cogumi on a supported platform, or in a container.',
      { exitCode: EXIT.usage },
    );
  }
  try {
    // The package does not export package.json, so resolve its entry `dist/index.js`.
    const entry = createRequire(import.meta.url).resolve(`@node-llama-cpp/${platform}`);
    const root = dirname(dirname(entry));
    return { ...files, root, folder: join(root, files.folder) };
  } catch (cause) {
    throw new CogumiError(
      'LLAMA_MISSING',
      `The package @node-llama-cpp/${platform} is not installed.`,
      'Run `npm install` again without `--omit=optional`; the package contains llama.cpp for this platform.',
      { cause },
    );
  }
}

/** Name and version of the npm package with this platform's llama.cpp. @throws CogumiError as `libraryFiles`. */
export function llamaRelease(): string {
  const { root } = libraryFiles(`${process.platform}-${process.arch}`);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  return `${name}@${version}`;
}
