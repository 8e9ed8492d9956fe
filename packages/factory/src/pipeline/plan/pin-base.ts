import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { type Hub, HubError, isCached, pinRevision } from '@cogumi/data/hub';
import type { SourceSize } from '../../stages/stage.ts';
import type { BaseOptions } from '../../stages/start/base/options.ts';
import { inspectHubModel } from './inspect-hub-model.ts';

interface PinOptions {
  readonly hub: () => Promise<Hub>;
  readonly storeRoot: string;
  readonly signal: AbortSignal;
}

interface PinnedBase {
  readonly base: BaseOptions;
  readonly size: SourceSize;
}

/**
 * Pins a base of the hub to its commit and files, and reads its size by ranges: no weights are downloaded. The hub is asked once a
 * store; afterwards the store answers.
 *
 * @throws HubError with what to do when the hub cannot be asked; CogumiError when the model cannot be trained, as `checkModel`.
 */
export async function pinBase(
  base: BaseOptions,
  id: string,
  { hub, storeRoot, signal }: PinOptions,
): Promise<PinnedBase> {
  const repository = { kind: 'model', id } as const;
  const { revision } = base;
  try {
    const asked = await hub();
    const pin = await pinRevision(asked, { repository, revision }, join(storeRoot, 'hub-pins.json'), { signal });
    const { commit } = pin;
    const found = await inspectHubModel(asked, { id, commit, listed: pin.files }, { storeRoot, signal });
    const files = base.files ?? Object.fromEntries(found.files.map(({ path, hash }) => [path, hash]));
    let bytes = 0;
    let downloadBytes = 0;
    for (const file of found.files) {
      bytes += file.bytes;
      if (!(await isCached(asked, { repository, commit, path: file.path }))) downloadBytes += file.bytes;
    }
    return {
      base: { ...base, revision: commit, files },
      size: { bytes, downloadBytes, ...(found.size ? { model: found.size } : {}) },
    };
  } catch (cause) {
    if (cause instanceof HubError && ['HUB_UNREACHABLE', 'HUB_OFFLINE'].includes(cause.code)) {
      throw new CogumiError(
        cause.code,
        `The plan needs the hub once, to learn what ${id} at ${revision} is: ${cause.message}`,
        `${cause.hint} Or give a folder: \`--set base.hub=null --set base.path=FOLDER\`.`,
        { cause, exitCode: cause.exitCode },
      );
    }
    throw cause;
  }
}
