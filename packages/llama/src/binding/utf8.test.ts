import { describe, expect, it } from 'vitest';
import { joinUtf8 } from './utf8.ts';

describe('joinUtf8', () => {
  it('agrees with a strict decoder for all beginnings of three bytes, and for four of interest', () => {
    const decodes = (bytes: Uint8Array, stream: boolean) => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
        return true;
      } catch {
        return false;
      }
    };
    const interesting = [0x22, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xdf, 0xe0, 0xed, 0xf0, 0xf4, 0xf5];
    let wrong = 0;
    for (const one of interesting) {
      for (const two of interesting) {
        for (const three of interesting) {
          for (const four of interesting) {
            for (const bytes of [Buffer.of(one, two, three), Buffer.of(one, two, three, four)]) {
              const rest = joinUtf8(bytes.subarray(0, 1), bytes.subarray(1));
              if ((rest !== null) !== decodes(bytes, true)) wrong++;
              if (rest !== null && (rest.length === 0) !== decodes(bytes, false)) wrong++;
            }
          }
        }
      }
    }
    expect(wrong).toBe(0);
  });
});
