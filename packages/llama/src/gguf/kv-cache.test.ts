import { describe, expect, it } from 'vitest';
import type { MetadataValue } from './gguf-header.ts';
import { checkKvCache, type KvCacheType } from './kv-cache.ts';

function check(type: KvCacheType, entries: Record<string, MetadataValue>) {
  const metadata = new Map<string, MetadataValue>([['general.architecture', 'llama'], ...Object.entries(entries)]);
  return () => checkKvCache('model.gguf', { metadata }, type);
}

describe('checkKvCache', () => {
  it('takes heads of whole blocks, by the width where the file names no head size', () => {
    check('q8_0', { 'llama.embedding_length': 576, 'llama.attention.head_count': 9 })();
    check('q4_0', { 'llama.attention.key_length': 128, 'llama.attention.value_length': 96 })();
  });

  it('refuses heads that are no whole blocks, and says which', () => {
    const narrow = { 'llama.embedding_length': 64, 'llama.attention.head_count': 8 };
    expect(check('q8_0', narrow)).toThrow('its heads have 8 keys each, and q8_0 stores blocks of 32');
    expect(check('q4_0', { 'llama.attention.key_length': 192, 'llama.attention.value_length': 80 })).toThrow(
      '80 values',
    );
    check('f16', narrow)();
  });

  it('reads head counts that differ from layer to layer', () => {
    const heads = { arrayLength: 3, numbers: [0, 4, 4] };
    check('q8_0', { 'llama.embedding_length': 256, 'llama.attention.head_count': heads })();
  });
});
