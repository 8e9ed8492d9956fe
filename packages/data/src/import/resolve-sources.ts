import { CogumiError, EXIT } from '@cogumi/contracts';
import { chooseFiles } from '../hub/choose-files.ts';
import { isCached } from '../hub/download-file.ts';
import type { Hub } from '../hub/hub.ts';
import { openHubOnce } from '../hub/open-hub-once.ts';
import { pinRevision } from '../hub/pins.ts';
import { printable } from '../hub/printable.ts';
import { refuseName } from '../hub/remote-file.ts';
import type { ImportOptions, ImportSource } from './options.ts';
import { expandPreset } from './presets.ts';

interface ResolveOptions {
  /** JSON file with the commits that revisions are pinned to, one a store. */
  readonly pins: string;
  readonly signal: AbortSignal;
  /** Hub client; default: configured by the environment. */
  readonly hub?: () => Promise<Hub>;
}

interface HubSize {
  readonly bytes: number;
  /** Of what will be downloaded into the cache. */
  readonly downloadBytes: number;
}

/** Options with resolved sources, and the sizes of those on the Hub by their place in the list. */
type Resolved<Options> = Options & { readonly sizes: Readonly<Record<string, HubSize>> };

/**
 * Resolves everything that decides the content of a source: expands presets, and pins Hub sources to a commit and its files.
 * Runs before cache keys are made, so that a key contains a commit and never a branch. Local sources are unchanged; without
 * Hub sources the Hub is not contacted.
 *
 * @throws HubError; CogumiError HUB_FILES_NONE if no file of a dataset matches.
 */
export async function resolveSources<Options extends Pick<ImportOptions, 'sources'>>(
  options: Options,
  resolve: ResolveOptions,
): Promise<Resolved<Options>> {
  const sources: ImportSource[] = [];
  const sizes: Record<string, HubSize> = {};
  for (const [place, given] of options.sources.entries()) {
    const { source, size } = await resolveSource(expandPreset(given), resolve);
    sources.push(source);
    if (size !== null) sizes[String(place)] = size;
  }
  return { ...options, sources, sizes };
}

async function resolveSource(
  source: ImportSource,
  { pins, signal, hub }: ResolveOptions,
): Promise<{ source: ImportSource; size: HubSize | null }> {
  const { hub: dataset, revision } = source;
  if (dataset === undefined) return { source, size: null };
  const repository = { kind: 'dataset', id: dataset } as const;
  const asked = await (hub ?? openHubOnce())();
  const { commit, files } = await pinRevision(asked, { repository, revision }, pins, { signal });
  const chosen = chooseFiles(
    files.map(({ path }) => path),
    source.files,
  );
  for (const path of chosen) refuseName(repository, path);
  if (chosen.length > 0) {
    const taken = new Set(chosen);
    const size = { bytes: 0, downloadBytes: 0 };
    for (const { path, bytes } of files.filter((file) => taken.has(file.path))) {
      size.bytes += bytes;
      if (!source.stream && !(await isCached(asked, { repository, commit, path }))) size.downloadBytes += bytes;
    }
    return { source: { ...source, revision: commit, files: chosen }, size };
  }
  const wanted = source.files ? `matches ${source.files.join(', ')}` : 'is data of a train split';
  const some = files.slice(0, 20).map(({ path }) => printable(path));
  throw new CogumiError(
    'HUB_FILES_NONE',
    `None of the ${files.length} files of ${dataset} at ${commit.slice(0, 12)} ${wanted}. It has ${some.join(', ')}${files.length > some.length ? ', …' : ''}.`,
    'Set `files` of that source, e.g. to `data/*.parquet`.',
    { exitCode: EXIT.usage },
  );
}
