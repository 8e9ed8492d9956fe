import { describe, expect, it } from 'vitest';
import { StopText } from './stop-text.ts';

function run(stops: readonly string[], parts: readonly Buffer[]): { shown: string[]; stopped: boolean } {
  const text = new StopText(stops);
  const shown = parts.map((part) => text.push(part));
  return { shown: [...shown, text.end()], stopped: text.stopped };
}
const words = (...parts: string[]) => parts.map((part) => Buffer.from(part));

describe('StopText', () => {
  it('never emits half a character, wherever its bytes are split', () => {
    const bytes = Buffer.from('a🦙é');
    const { shown } = run(
      [],
      [...bytes].map((byte) => Buffer.of(byte)),
    );
    expect(shown).toEqual(['a', '', '', '', '🦙', '', 'é', '']);
  });

  it('emits a replacement character for bytes that never form a character', () => {
    expect(run([], [Buffer.of(0x61, 0xf0, 0x9f)]).shown.join('')).toBe('a\ufffd');
  });

  it('holds back text that may become a stop text, and emits it if it does not', () => {
    expect(run(['</end>'], words('one <', '/en', 'try')).shown).toEqual(['one ', '', '</entry', '']);
  });

  it('ends before the first of several stop texts, even if it spans tokens', () => {
    const { shown, stopped } = run(['###', '\n\n'], words('a\n', 'b#', '#', '# c'));
    expect(shown.join('')).toBe('a\nb');
    expect(stopped).toBe(true);
  });

  it('emits the held text when the answer ends', () => {
    expect(run(['END'], words('x EN')).shown).toEqual(['x ', 'EN']);
  });
});
