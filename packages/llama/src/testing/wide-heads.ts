import { writeFile } from 'node:fs/promises';
import { stories260k } from './stories260k.ts';

/**
 * Writes stories260K with two heads of 32 values instead of eight of 8, so that its cache can be quantized. It talks nonsense, but its
 * predictions depend on the cache as those of any model do.
 */
export function writeWideHeads(path: string): Promise<void> {
  return writeFile(
    path,
    stories260k({
      metadata: {
        'llama.attention.head_count': { u32: 2 },
        'llama.attention.head_count_kv': { u32: 1 },
        'llama.rope.dimension_count': { u32: 32 },
      },
    }),
  );
}
