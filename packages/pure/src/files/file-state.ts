import type { BigIntStats } from 'node:fs';

/** What changes when a file is written, replaced or gets other times, by device, inode, size and times to the nanosecond. */
export function fileState({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
