import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { openFile } from '@cogumi/data/formats';
import { downloadFile, type Hub, isCached, type ListedFile, openRemote, printable, refuseName } from '@cogumi/data/hub';
import { makeFolder, replaceFile } from '@cogumi/pure';
import { z } from 'zod';
import { modelSizeOf } from '../../artifacts/model-size.ts';
import { checkModel } from '../../stages/start/base/check-model.ts';

const count = z.number().nonnegative();

/** What a plan needs to know of a model of the hub at a commit; it never changes. */
const HubModelFacts = z.strictObject({
  schema: z.literal(1),
  files: z.array(z.strictObject({ path: z.string(), bytes: count, hash: z.string() })),
  size: z
    .strictObject({
      parameters: count,
      layers: count,
      hiddenSize: count,
      vocabularySize: count,
      linearSpan: count,
      keyWidth: count,
      bits: count,
    })
    .nullable(),
});
type HubModelFacts = z.infer<typeof HubModelFacts>;

/** Of licence and origin; kept in the cache beside the model. */
const CARD = 'README.md';

/** Smaller text files are downloaded for the plan, as they will be needed; of larger ones and of weights only ranges are read (chosen). */
const SMALL_BYTES = 2 ** 22;

interface Asked {
  readonly id: string;
  readonly commit: string;
  readonly listed: readonly ListedFile[];
}

/**
 * Checks a model of the hub as a folder is checked, from its config, its index and the headers of its weights, read by ranges.
 *
 * @param where.storeRoot - Keeps the result, so that a later plan needs no hub.
 * @throws HubError; CogumiError as `checkModel`.
 */
export async function inspectHubModel(
  hub: Hub,
  { id, commit, listed }: Asked,
  { storeRoot, signal }: { readonly storeRoot: string; readonly signal: AbortSignal },
): Promise<HubModelFacts> {
  const notes = join(storeRoot, 'hub-models', `${id.replaceAll('/', '--')}@${commit}.json`);
  const known = await readNotes(notes);
  if (known) return known;

  const repository = { kind: 'model', id } as const;
  const byPath = new Map(listed.filter(({ path }) => !path.includes('/')).map((file) => [file.path, file]));
  const { files, config, tensors } = await checkModel(
    {
      name: `${id} at ${commit.slice(0, 12)}`,
      files: [...byPath.keys()],
      open: async (path) => {
        const { bytes, hash } = byPath.get(path) as ListedFile;
        const file = { repository, commit, path, hash, bytes };
        const small = bytes <= SMALL_BYTES && path.endsWith('.json');
        return small || (await isCached(hub, file))
          ? openFile(await downloadFile(hub, file, { signal }))
          : openRemote(hub, file, signal);
      },
    },
    { tokenizer: false },
  );
  const facts: HubModelFacts = {
    schema: 1,
    files: [...files, ...(byPath.has(CARD) ? [CARD] : [])].map((path) => {
      refuseName(repository, path);
      const { bytes, hash } = byPath.get(path) as ListedFile;
      if (hash !== undefined) return { path, bytes, hash };
      throw new CogumiError(
        'HUB_REFUSED',
        `The Hub lists ${printable(path)} of ${id} without a hash, so that a download could not be checked.`,
        'Check that HF_ENDPOINT is the address of a Hub.',
      );
    }),
    size: modelSizeOf(config, tensors),
  };
  makeFolder(dirname(notes));
  await replaceFile(notes, JSON.stringify(facts));
  return facts;
}

/** Notes that cannot be read are made again. */
async function readNotes(path: string): Promise<HubModelFacts | null> {
  try {
    return HubModelFacts.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
