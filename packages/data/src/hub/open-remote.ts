import { type ByteSource, DamagedFile } from '../formats/byte-source.ts';
import type { Hub } from './hub.ts';
import { HubError, TransientError } from './hub-error.ts';
import { addressOf, describeFile, nameOf, type RemoteFile } from './remote-file.ts';
import { retry } from './retry.ts';

/** Bytes requested at once for sequential reads: each request takes two round trips (chosen). */
const READ_AHEAD_BYTES = 8 * 2 ** 20;

/** Opens a file of the Hub for reading by ranges: nothing is kept on disk, and only what is read is downloaded. */
export async function openRemote(hub: Hub, file: RemoteFile, signal: AbortSignal): Promise<ByteSource> {
  const byteLength = file.bytes ?? (await describeFile(hub, file, signal)).bytes;
  const target = { repository: file.repository, revision: file.commit, file: file.path };
  let ahead: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
  let lastEnd = -1;

  const fetchRange = async (start: number, end: number): Promise<Buffer> => {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const reply = await hub.request({ url: addressOf(hub, file), target, signal, headers });
    if (reply.status !== 206) {
      await reply.close();
      throw new HubError(
        'HUB_REFUSED',
        `The host of ${nameOf(file)} does not support ranges (HTTP ${reply.status}).`,
        file.repository.kind === 'model'
          ? 'Check HF_ENDPOINT: the plan needs ranges. Or download the model, and set `base.path` to its folder.'
          : 'Remove `stream` from that source, so that the whole file is downloaded.',
        reply.status,
      );
    }
    const bytes = await reply.body(end - start);
    if (bytes === null) {
      const message = `${nameOf(file)}: more than the requested ${end - start} bytes arrived.`;
      throw new HubError(
        'HUB_CORRUPT',
        message,
        file.repository.kind === 'model'
          ? 'Check proxies and HF_ENDPOINT. Or download the model, and set `base.path` to its folder.'
          : 'Remove `stream` from that source: a download is checked by its hash.',
      );
    }
    if (bytes.length === end - start) return bytes;
    const message = `${nameOf(file)}: ${bytes.length} of ${end - start} bytes arrived.`;
    throw new TransientError(new HubError('HUB_UNREACHABLE', message, 'Run the same command later.'));
  };

  return {
    name: `${file.repository.id}/${file.path}`,
    byteLength,
    slice: async (start, end) => {
      if (end > byteLength) throw new DamagedFile(`it points at byte ${end} and has ${byteLength}`);
      if (start >= end) return Buffer.alloc(0);
      const inAhead = start >= ahead.start && end <= ahead.start + ahead.bytes.length;
      if (!inAhead) {
        const until = start === lastEnd ? Math.min(Math.max(end, start + READ_AHEAD_BYTES), byteLength) : end;
        ahead = { start, bytes: await retry(() => fetchRange(start, until), hub.patience, signal) };
      }
      lastEnd = end;
      return ahead.bytes.subarray(start - ahead.start, end - ahead.start);
    },
    close: async () => {},
  };
}
